import type { Anomaly, AnomalyKind } from "../checker/anomalies.ts";
import type { Guarantee, Recovery } from "./fault.ts";

/** What a drill found. Times in ms, the worst of all rounds; null: never. */
export interface DrillResult {
  readonly fault: string;
  readonly guarantees: readonly Guarantee[];
  readonly rounds: number;
  readonly sent: number;
  readonly acked: number;
  readonly received: number;
  readonly stored: number;
  /** Edits, deletions, reactions, pins and replies that were acked. */
  readonly changes: number;
  /** Messages whose state is not the fold of their events. */
  readonly projection: number;
  readonly projectionExamples: readonly string[];
  readonly acksMs: number | null;
  readonly clientsMs: number | null;
  readonly mostClientsMs: number | null;
  readonly longestWaitMs: number;
  readonly gaps: number;
  readonly epochs: number;
  /** One a round. */
  readonly recoveries?: readonly Recovery[] | undefined;
  /** What the fault saw for itself. */
  readonly notes?: readonly string[] | undefined;
  readonly refused: Readonly<Record<string, number>>;
  readonly anomalies: Partial<Record<AnomalyKind, Anomaly>>;
  /** What was promised beside the checker's rules, and not kept. */
  readonly broken: readonly string[];
}

export function isClean({ anomalies, broken, projection }: DrillResult): boolean {
  return Object.keys(anomalies).length === 0 && broken.length === 0 && projection === 0;
}

/** The verdict as it is printed. */
export function describe(result: DrillResult): string {
  const { fault, sent, acked, received, stored, rounds, acksMs, clientsMs, mostClientsMs, longestWaitMs } = result;
  const found = Object.entries(result.anomalies).flatMap(([kind, { count, examples }]) => [
    `  ${kind}: ${count}`,
    ...examples.map((example) => `      ${example}`),
  ]);
  const refused = Object.entries(result.refused).map(([code, count]) => `${count} ${code}`);
  return [
    `${fault}: ${isClean(result) ? "clean" : "NOT CLEAN"}`,
    `  ${sent} events sent, ${acked} acked, ${stored} stored, ${received} received in ${rounds} round(s)`,
    `  acks flow again after ${time(acksMs)}, 99 % of the clients are back after ${time(mostClientsMs)}, all after ${time(clientsMs)}`,
    `  longest wait for an ack ${time(longestWaitMs)}, ${result.gaps} gaps and ${result.epochs} epochs announced`,
    `  ${result.changes} changes acked, ${result.projection} states unlike the fold of their events`,
    ...result.projectionExamples.map((example) => `      ${example}`),
    ...(result.notes ?? []).map((note) => `  ${note}`),
    ...(refused.length > 0 ? [`  refused: ${refused.join(", ")}`] : []),
    ...result.broken.map((promise) => `  broken: ${promise}`),
    ...found,
  ].join("\n");
}

export function time(ms: number | null): string {
  if (ms === null) return "never";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
