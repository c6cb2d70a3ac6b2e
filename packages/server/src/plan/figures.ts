/** CPU µs of one message at a rate (messages a second of one process, of Redis of all). */
export interface CostPoint {
  readonly perSecond: number;
  readonly micros: number;
}

/** What was measured. Another machine has others: `--bench` reads those that `npm run bench` has written there. */
export interface Figures {
  readonly date: string;
  readonly machine: string;
  /** Of a gateway, for messages that its own clients send. It gathers when it is busy, so a message costs less then. */
  readonly gateway: readonly CostPoint[];
  readonly redis: readonly CostPoint[];
  /** Of one gateway, when it gathers nothing. */
  readonly deliveriesPerCpuSecond: number;
  readonly writerRowsPerSecond: number;
  readonly postgresMicros: number;
  readonly connectionBytes: number;
}

/**
 * loadtest/results/messages.md: the rows accept, fan-out, store, path and memory. Gateways, Redis, Postgres and the generator shared
 * the two cores.
 */
export const MEASURED: Figures = {
  date: "2026-11-26",
  machine: "Intel Xeon, 2 cores, 24 GiB, Node 20.20.2, Redis 7.0.15, Postgres 15.18",
  gateway: [
    { perSecond: 1_000, micros: 306 },
    { perSecond: 8_000, micros: 69 },
    { perSecond: 26_000, micros: 24 },
  ],
  redis: [
    { perSecond: 1_000, micros: 136 },
    { perSecond: 8_000, micros: 38 },
    { perSecond: 26_000, micros: 13 },
  ],
  deliveriesPerCpuSecond: 310_000,
  writerRowsPerSecond: 63_800,
  postgresMicros: 16.5,
  connectionBytes: 4_300,
};

/** Between two points by a power law; outside, the nearest point. */
export function costAt(points: readonly CostPoint[], perSecond: number): number {
  const above = points.findIndex((point) => point.perSecond >= perSecond);
  const [low, high] = [points[above - 1], points[above]];
  if (high === undefined) return points.at(-1)?.micros ?? 0;
  if (low === undefined) return high.micros;
  const slope = Math.log(high.micros / low.micros) / Math.log(high.perSecond / low.perSecond);
  return low.micros * (perSecond / low.perSecond) ** slope;
}
