import type { MachineUse } from "../measure/machine-load.ts";

/** CPU of one window of one build. */
export interface Window {
  readonly cpuSeconds: number;
  /** What it was used for: messages, deliveries or rows. */
  readonly count: number;
  readonly machine: MachineUse;
}

/** Two windows of the same load, one soon after the other. */
export interface WindowPair {
  readonly before: Window;
  readonly after: Window;
}

export interface Ratio {
  /** CPU µs each, over all windows. */
  readonly before: number;
  readonly after: number;
  /** After to before: geometric mean of the pairs, the lowest and the highest pair. */
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  /** Twice the standard error of the mean: the true ratio is that near in 19 of 20 cases, if noise is all that differs. */
  readonly margin: number;
}

export type Verdict = "yes" | "no" | "unclear";

const MICROSECONDS = 1e6;
const STANDARD_ERRORS = 2;

export function ratioOf(pairs: readonly WindowPair[]): Ratio {
  const logs = pairs.map(({ before, after }) => Math.log(eachOf([after]) / eachOf([before])));
  const mean = sum(logs) / logs.length;
  const variance = sum(logs.map((log) => (log - mean) ** 2)) / Math.max(logs.length - 1, 1);
  return {
    before: eachOf(pairs.map(({ before }) => before)),
    after: eachOf(pairs.map(({ after }) => after)),
    mean: Math.exp(mean),
    lowest: Math.exp(Math.min(...logs)),
    highest: Math.exp(Math.max(...logs)),
    margin: logs.length < 2 ? Number.POSITIVE_INFINITY : STANDARD_ERRORS * Math.sqrt(variance / logs.length),
  };
}

/** Whether the ratio is at most `most`. Unclear: noise alone could turn the answer. */
export function isAtMost({ mean, margin }: Ratio, most: number): Verdict {
  if (Math.abs(mean - most) < margin * mean) return "unclear";
  return mean <= most ? "yes" : "no";
}

function eachOf(windows: readonly Window[]): number {
  return (sum(windows.map(({ cpuSeconds }) => cpuSeconds)) / sum(windows.map(({ count }) => count))) * MICROSECONDS;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
