import type { RunResult } from "../generator/load-plan.ts";
import { Histogram } from "./histogram.ts";
import { type MachineUse, othersOf } from "./machine-load.ts";

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
  /** Cores that others used meanwhile: in Hubbub's runs / in the baseline's. */
  readonly others: string;
}

/** Rows that were measured together, with the conditions they hold under. */
export interface BenchGroup {
  readonly name: string;
  readonly title: string;
  readonly date: string;
  readonly conditions: readonly string[];
  readonly rows: readonly BenchRow[];
  /** State of the machine before and after. */
  readonly machine: string;
  /** What explains the figures: CPU by process, what the baseline carried, delays. */
  readonly notes: readonly string[];
}

/** `factor`: of the baseline; `value`: of Hubbub alone, in the unit that is printed. */
export type Target = { readonly direction: "at least" | "at most" } & (
  | { readonly factor: number }
  | { readonly value: number }
);

interface Side {
  readonly name: string;
  readonly value: number;
  readonly runs: readonly { readonly machine: MachineUse }[];
}

export interface Comparison {
  readonly what: string;
  readonly unit: string;
  readonly hubbub: Omit<Side, "name">;
  readonly baseline: Side | null;
  readonly target: Target | null;
  readonly loss: string | null;
  readonly print: (value: number) => string;
}

export function compare({ what, unit, hubbub, baseline, target, loss, print }: Comparison): BenchRow {
  const factor = baseline === null ? null : hubbub.value / baseline.value;
  return {
    what,
    unit,
    hubbub: print(hubbub.value),
    baseline: baseline === null ? "–" : `${print(baseline.value)} (${baseline.name})`,
    ratio: factor === null || !Number.isFinite(factor) ? "–" : `${factor.toFixed(factor < 10 ? 2 : 1)}×`,
    target: target === null ? "–" : targetText(target),
    reached: target === null ? null : loss === null && isReached(hubbub.value, factor, target),
    loss,
    others: [hubbub, ...(baseline === null ? [] : [baseline])].map(({ runs }) => othersOf(runs)).join(" / "),
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

/** Cores in use by each process during the window and its CPU-seconds, and what else the machine did, as one line. */
export function cpuLine(name: string, results: readonly RunResult[]): string {
  const seconds = total(results, ({ windowSeconds }) => windowSeconds);
  const stolen = total(results, ({ machine, windowSeconds }) => machine.stolen * windowSeconds) / seconds;
  const groups = Object.keys(results[0]?.cpu ?? {}).map((group) => {
    const cpu = total(results, (result) => result.cpu[group] ?? 0);
    return `${group} ${(cpu / seconds).toFixed(2)} (${cpu.toFixed(2)})`;
  });
  return `${name}: cores in use (CPU-s): ${groups.join(", ")}; others ${othersOf(results)}, stolen ${stolen.toFixed(2)}`;
}

/** Percentiles in milliseconds, as one line. */
export function percentileLine(histogram: Histogram): string {
  if (histogram.total === 0) return "not timed";
  const at = (share: number): string => (histogram.percentile(share) / 1_000).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms`;
}

export function merged(results: readonly RunResult[], of: (result: RunResult) => number[]): Histogram {
  const sum = new Histogram();
  for (const result of results) sum.add(new Histogram(of(result)));
  return sum;
}

function targetText(target: Target): string {
  const sign = target.direction === "at least" ? "≥" : "≤";
  return "factor" in target ? `${sign} ${target.factor}×` : `${sign} ${target.value}`;
}

/** `factor` is null without a baseline. */
function isReached(value: number, factor: number | null, target: Target): boolean {
  const wanted = "factor" in target ? target.factor : target.value;
  const found = "factor" in target ? (factor ?? Number.NaN) : value;
  return target.direction === "at least" ? found >= wanted : found <= wanted;
}
