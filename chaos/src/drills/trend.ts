export interface Sample {
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  readonly mean: number;
  /** From the first to the last sample, by a straight line of least squares. */
  readonly growth: number;
}

/** Of the samples from `since` on. @throws RangeError of fewer than three */
export function trendOf(samples: readonly Sample[], since: number): Trend {
  const used = samples.filter(({ at }) => at >= since);
  const [first, last] = [used[0], used.at(-1)];
  if (first === undefined || last === undefined || used.length < 3) throw new RangeError("a fit needs three samples");
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, mean] = [meanOf(used.map((one) => one.at)), meanOf(used.map(({ value }) => value))];
  const covariance = meanOf(used.map((one) => (one.at - at) * (one.value - mean)));
  const variance = meanOf(used.map((one) => (one.at - at) ** 2));
  return { mean, growth: (covariance / variance) * (last.at - first.at) };
}
