import type { RunResult } from "../generator/load-plan.ts";
import { Histogram } from "./histogram.ts";

/** One line of the table. Texts are ready to print. */
export interface BenchRow {
  readonly what: string;
  readonly unit: string;
  readonly hubbub: string;
  readonly baseline: string;
  readonly ratio: string;
  readonly target: string;
  /** null where nothing is asked for and the figure is only stated. */
  readonly reached: boolean | null;
  /** What was lost, doubled or refused on Hubbub's side; null: nothing. A row with a loss is not reached. */
  readonly loss: string | null;
}

/** Rows that were measured together, with the conditions they hold under. */
export interface BenchGroup {
  readonly name: string;
  readonly title: string;
  readonly date: string;
  readonly conditions: readonly string[];
  readonly rows: readonly BenchRow[];
  /** What explains the figures: CPU by process, what the baseline carried, delays. */
  readonly notes: readonly string[];
}

export interface Target {
  readonly direction: "at least" | "at most";
  readonly factor: number;
}

export interface Comparison {
  readonly what: string;
  readonly unit: string;
  readonly hubbub: number;
  readonly baseline: { readonly name: string; readonly value: number };
  readonly target: Target | null;
  readonly loss: string | null;
  readonly print: (value: number) => string;
}

export function compare(comparison: Comparison): BenchRow {
  const { what, unit, hubbub, baseline, target, loss, print } = comparison;
  const factor = hubbub / baseline.value;
  return {
    what,
    unit,
    hubbub: print(hubbub),
    baseline: `${print(baseline.value)} (${baseline.name})`,
    ratio: `${factor.toFixed(factor < 10 ? 2 : 1)}×`,
    target: target === null ? "–" : `${target.direction === "at least" ? "≥" : "≤"} ${target.factor}×`,
    reached: target === null ? null : loss === null && isReached(factor, target),
    loss,
  };
}

/** What is wrong with these runs, or null: everything sent was acknowledged and arrived once, in order. */
export function lossOf(results: readonly RunResult[]): string | null {
  const faults = results.flatMap(({ total, expectedDeliveries, orderFaults, errors, firstError }) => [
    ...(total.acked === total.sent ? [] : [`${total.acked} of ${total.sent} acknowledged`]),
    ...(total.delivered === expectedDeliveries ? [] : [`${total.delivered} of ${expectedDeliveries} delivered`]),
    ...(orderFaults === 0 ? [] : [`${orderFaults} gaps or doubles on the connection read in full`]),
    ...(errors === 0 ? [] : [`${errors} errors, first: ${firstError}`]),
  ]);
  return faults.length === 0 ? null : faults.join("; ");
}

export function total(results: readonly RunResult[], of: (result: RunResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0);
}

export function cpuOf(result: RunResult, groups: readonly string[]): number {
  return groups.reduce((sum, group) => sum + (result.cpu[group] ?? 0), 0);
}

/** Cores in use by each process during the window, as one line. */
export function cpuLine(name: string, results: readonly RunResult[]): string {
  const seconds = total(results, ({ windowSeconds }) => windowSeconds);
  const groups = Object.keys(results[0]?.cpu ?? {});
  const cores = groups.map(
    (group) => `${group} ${(total(results, ({ cpu }) => cpu[group] ?? 0) / seconds).toFixed(2)}`,
  );
  return `${name}: cores in use: ${cores.join(", ")}`;
}

/** Percentiles in milliseconds, as one line. */
export function percentileLine(histogram: Histogram): string {
  const at = (share: number): string => (histogram.percentile(share) / 1_000).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms`;
}

export function merged(results: readonly RunResult[], of: (result: RunResult) => number[]): Histogram {
  const sum = new Histogram();
  for (const result of results) sum.add(new Histogram(of(result)));
  return sum;
}

function isReached(factor: number, { direction, factor: wanted }: Target): boolean {
  return direction === "at least" ? factor >= wanted : factor <= wanted;
}
