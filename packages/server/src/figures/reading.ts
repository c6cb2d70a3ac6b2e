import { performance as ofNode } from "node:perf_hooks";
import type { Metrics } from "@hubbub/runtime";

/** Up to a time in ms, how many acks took no longer: cumulative, rising, with Infinity at the end. */
export type Buckets = readonly (readonly [upTo: number, count: number])[];

/** The state of a process at one moment, and what it has done since its start. */
export interface Reading {
  /** Monotonic ms. */
  readonly at: number;
  readonly states: {
    readonly connections: number;
    readonly rooms: number;
    readonly memory: number;
    readonly unstored: number;
    readonly lag: number;
  };
  readonly totals: {
    readonly accepted: number;
    readonly delivered: number;
    readonly stored: number;
    readonly refused: number;
  };
  readonly cpuMs: number;
  readonly busyMs: number;
  readonly idleMs: number;
  readonly acks: Buckets;
}

/** Reads what the process counts anyway. A role that it does not have counts nothing. */
export async function readFigures(metrics: Pick<Metrics, "values">, accepted: number): Promise<Reading> {
  const sum = async (name: string) => (await metrics.values(name)).reduce((total, { value }) => total + value, 0);
  const [connections, rooms, unstored, lag] = await Promise.all(
    ["connections", "rooms", "unstored_events", "writer_lag_events"].map(sum),
  );
  const [delivered, stored, refused] = await Promise.all(
    ["deliveries_total", "writer_rows_total", "refusals_total"].map(sum),
  );
  const { user, system } = process.cpuUsage();
  const { active, idle } = ofNode.eventLoopUtilization();
  return {
    at: performance.now(),
    states: {
      connections: connections ?? 0,
      rooms: rooms ?? 0,
      memory: process.memoryUsage.rss(),
      unstored: unstored ?? 0,
      lag: lag ?? 0,
    },
    totals: { accepted, delivered: delivered ?? 0, stored: stored ?? 0, refused: refused ?? 0 },
    cpuMs: (user + system) / 1_000,
    busyMs: active,
    idleMs: idle,
    acks: await readAcks(metrics),
  };
}

async function readAcks(metrics: Pick<Metrics, "values">): Promise<Buckets> {
  const values = await metrics.values("accept_ms");
  return values
    .filter(({ metricName }) => metricName?.endsWith("_bucket"))
    .map(
      ({ labels, value }) =>
        [labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]), value] as const,
    )
    .sort(([one], [other]) => one - other);
}
