import type { PostgresService } from "@hubbub/testkit";
import type { BenchGroup } from "./measure/result.ts";

/** What every row of the bench is given. */
export interface Bench {
  /** One server for all; each run gets a database of its own. */
  readonly postgres: PostgresService;
  /** Where signing keys and settings are kept while the bench runs. */
  readonly directory: string;
  readonly extent: Extent;
  /** Progress, one line. */
  say(line: string): void;
  /** Whether a contender takes part; `--without` leaves some out. */
  wants(contender: string): boolean;
  /** Path of the Centrifugo binary; builds it at the first call. @throws GoBinaryMissing */
  centrifugo(): Promise<string>;
}

/** How long and how large the runs are. */
export interface Extent {
  /**
   * Each contender is started afresh, warmed up and measured, one after the other; then all again. Warm-up is for the
   * just-in-time compiler and for caches; its messages are in the totals but not in the figures.
   */
  readonly rounds: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly latencyWindowMs: number;
  /** Idle connections of the memory row, and when it reads, in milliseconds after the last one came. */
  readonly connections: number;
  readonly settleMs: readonly number[];
  /** Clients of the node that is killed in the storm row. */
  readonly clients: number;
  readonly overloadMs: number;
}

export const STANDARD: Extent = {
  rounds: 2,
  warmupMs: 8_000,
  windowMs: 6_000,
  latencyWindowMs: 10_000,
  connections: 10_000,
  settleMs: [8_000, 60_000, 120_000],
  clients: 2_000,
  overloadMs: 30_000,
};

export type Measurement = (bench: Bench) => Promise<Omit<BenchGroup, "machine">>;

export const DRAIN_MS = 10_000;
/** An overloaded baseline could take minutes for its backlog. */
export const BASELINE_DRAIN_MS = 1_000;
/** Length of a message's text, as the issue has it. */
export const TEXT_BYTES = 200;

export function windowLine({ rounds, warmupMs, windowMs }: Extent): string {
  return `${rounds} rounds, contenders in turn within each, all processes fresh; ${warmupMs / 1_000} s warm-up, ${windowMs / 1_000} s window; text of ${TEXT_BYTES} B, each contender in its own envelope`;
}
