/**
 * Counts of microseconds in buckets that widen with the value: 64 to every power of two, so that a percentile is off
 * by less than 1.6 %. Bound: 2,048 buckets; longer than an hour counts as an hour.
 */
export class Histogram {
  static readonly #perPower = 64;
  static readonly #linear = 128;
  static readonly #maxMicroseconds = 3_600_000_000;
  readonly #counts: Float64Array;
  #total = 0;

  constructor(counts: readonly number[] = []) {
    this.#counts = new Float64Array(2_048);
    this.#counts.set(counts);
    for (const count of counts) this.#total += count;
  }

  get total(): number {
    return this.#total;
  }

  record(microseconds: number): void {
    const value = Math.min(Math.max(Math.round(microseconds), 0), Histogram.#maxMicroseconds);
    const at = Histogram.#bucketOf(value);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#total++;
  }

  add(other: Histogram): void {
    other.#counts.forEach((count, at) => {
      this.#counts[at] = (this.#counts[at] ?? 0) + count;
    });
    this.#total += other.#total;
  }

  /** The value (microseconds) below which `share` (0 … 1) of the counts lie; NaN when nothing was counted. */
  percentile(share: number): number {
    if (this.#total === 0) return Number.NaN;
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      seen += this.#counts[at] ?? 0;
      if (seen >= wanted) return Histogram.#middleOf(at);
    }
    return Histogram.#maxMicroseconds;
  }

  /** For another process, which makes a histogram of it again. */
  toArray(): number[] {
    return Array.from(this.#counts);
  }

  static #bucketOf(value: number): number {
    if (value < Histogram.#linear) return value;
    const power = Math.floor(Math.log2(value));
    const shift = power - 6;
    return (
      Histogram.#linear + (shift - 1) * Histogram.#perPower + (Math.floor(value / 2 ** shift) - Histogram.#perPower)
    );
  }

  static #middleOf(bucket: number): number {
    if (bucket < Histogram.#linear) return bucket;
    const shift = Math.floor((bucket - Histogram.#linear) / Histogram.#perPower) + 1;
    const step = (bucket - Histogram.#linear) % Histogram.#perPower;
    return (Histogram.#perPower + step + 0.5) * 2 ** shift;
  }
}
