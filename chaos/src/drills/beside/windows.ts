/** What the others may notice of an attack: so many times their calm 99th percentile … */
export const RATIO_MAX = 1.5;
/**
 * … or so much more, whichever is more. Where calm is a millisecond or two, a ratio judges the scheduler and not the server:
 * a message that waits for one other piece of work of the event loop (a page's piece, a batch's commit) is later by this.
 */
export const FLOOR_MS = 2;

const share = 0.99;

/** Of one kind of window, 99th percentiles in ms. */
export interface Verdict {
  readonly calmMs: number;
  readonly attackedMs: number;
  readonly ratio: number;
  /** The least and the most of the calm windows: far apart, the machine had other things to do, and the ratio tells little. */
  readonly calmFromMs: number;
  readonly calmToMs: number;
  readonly holds: boolean;
}

/** `calm` and `attacked`: the sorted samples of each window. Medians of the windows' percentiles, so that a busy second of the machine does not decide. */
export function judge(calm: readonly (readonly number[])[], attacked: readonly (readonly number[])[]): Verdict {
  const ofCalm = calm.map(percentile);
  const calmMs = median(ofCalm);
  const attackedMs = median(attacked.map(percentile));
  const holds = attackedMs <= Math.max(calmMs * RATIO_MAX, calmMs + FLOOR_MS);
  return {
    ...{ calmMs, attackedMs, ratio: attackedMs / calmMs, holds },
    ...{ calmFromMs: Math.min(...ofCalm), calmToMs: Math.max(...ofCalm) },
  };
}

/** @throws RangeError of a window without samples */
export function percentile(sorted: readonly number[]): number {
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  if (value === undefined) throw new RangeError("a window without a message tells nothing");
  return value;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
