import type { PostgresService } from "@hubbub/testkit";
import type { BenchGroup } from "./measure/result.ts";

/** What every row of the bench is given. */
export interface Bench {
  /** One server for all; each run gets a database of its own. */
  readonly postgres: PostgresService;
  /** Where signing keys are kept while the bench runs. */
  readonly directory: string;
  /** Progress, one line. */
  say(line: string): void;
}

export type Measurement = (bench: Bench) => Promise<BenchGroup>;

/**
 * Each contender is started afresh, warmed up and measured, one after the other; then all again. Warm-up is for the
 * just-in-time compiler and for caches; its messages are in the totals but not in the figures.
 */
export const ROUNDS = 2;
export const WARMUP_MS = 8_000;
export const WINDOW_MS = 6_000;
export const DRAIN_MS = 10_000;
/** An overloaded baseline could take minutes for its backlog. */
export const BASELINE_DRAIN_MS = 1_000;
/** Length of a message's text, as the issue has it. */
export const TEXT_BYTES = 200;

export const WINDOW_LINE = `${ROUNDS} rounds, contenders in turn within each, all processes fresh; ${WARMUP_MS / 1_000} s warm-up, ${WINDOW_MS / 1_000} s window; text of ${TEXT_BYTES} B, each contender in its own envelope`;
