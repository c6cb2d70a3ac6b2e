import type { LogEntry, ShardLog } from "@hubbub/broker";
import { planBatch } from "./batch-policy.ts";
import { pause, unlessAborted } from "./pause.ts";

/** Reads the log of a shard, batch by batch. */
export class Intake {
  readonly #log: ShardLog;
  readonly #gatherMs: number;
  #position: string;
  /** Bounded by the batch policy. */
  #entries: LogEntry[] = [];
  #chars = 0;
  #wasFull = false;
  #closedAt = Number.NEGATIVE_INFINITY;

  constructor(log: ShardLog, position: string, gatherMs: number) {
    this.#log = log;
    this.#position = position;
    this.#gatherMs = gatherMs;
  }

  /** The next batch; empty when there is none within `waitMs`, or when the signal says so. */
  async next(waitMs: number, signal: AbortSignal): Promise<readonly LogEntry[]> {
    while (!signal.aborted) {
      const sinceLastMs = performance.now() - this.#closedAt;
      const { length: rows } = this.#entries;
      const plan = planBatch({ rows, chars: this.#chars, wasFull: this.#wasFull, sinceLastMs }, this.#gatherMs);
      if (plan === "close") return this.#take();
      if (plan.pauseMs > 0) await pause(Math.min(plan.pauseMs, waitMs), signal);
      if (plan.pauseMs > waitMs || signal.aborted) return [];
      const read = await this.#read(plan.count, Math.min(plan.blockMs, Math.ceil(waitMs)), signal);
      if (rows + read === 0) return [];
    }
    return [];
  }

  /** Answers how many. A read that is given up leaves no trace: its entries are still in the log. */
  async #read(count: number, blockMs: number, signal: AbortSignal): Promise<number> {
    const read = (await unlessAborted(this.#log.read(this.#position, count, blockMs), signal)) ?? [];
    for (const entry of read) {
      this.#entries.push(entry);
      this.#chars += entry.frame.length;
    }
    this.#position = read.at(-1)?.offset ?? this.#position;
    this.#wasFull = read.length === count;
    return read.length;
  }

  #take(): readonly LogEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#chars = 0;
    this.#closedAt = performance.now();
    return entries;
  }
}
