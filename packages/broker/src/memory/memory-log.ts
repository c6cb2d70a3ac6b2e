import { newId } from "@hubbub/protocol";
import type { LogEntry, ShardLog } from "../roles/shard-logs.ts";

/**
 * The entries of one shard that are not committed; `accept` keeps their bound. Committed entries are removed at once, because
 * the store is in the same process and is never behind.
 *
 * An offset is `<run>/<n>`. An offset of an earlier process says nothing about this log.
 */
export class MemoryLog {
  readonly #run: string = newId();
  #entries: Buffer[] = [];
  /** Entries ever appended. */
  #appended = 0;
  #bytes = 0;
  readonly #readers = new Set<() => void>();

  get start(): string {
    return `${this.#run}/0`;
  }

  get backlog(): number {
    return this.#entries.length;
  }

  /** Bytes of the uncommitted entries. */
  get bytes(): number {
    return this.#bytes;
  }

  append(frame: Buffer): void {
    this.#entries.push(frame);
    this.#appended += 1;
    this.#bytes += frame.length;
    for (const wake of this.#readers) wake();
  }

  open(): ShardLog {
    const closing = new AbortController();
    return {
      read: (after, count, blockMs) => this.#read(after, count, blockMs, closing.signal),
      trim: async (committed) => {
        const forgotten = this.#position(committed) - this.#first;
        if (forgotten <= 0) return;
        for (const frame of this.#entries.slice(0, forgotten)) this.#bytes -= frame.length;
        this.#entries = this.#entries.slice(forgotten);
      },
      // Log and store have the same lifetime, so the store is never behind.
      missing: async () => 0,
      lag: async (after) => this.#appended - this.#position(after),
      [Symbol.asyncDispose]: async () => closing.abort(),
    };
  }

  /** Number of entries that were removed. */
  get #first(): number {
    return this.#appended - this.#entries.length;
  }

  /** Number of entries up to an offset, at least those that were removed. */
  #position(offset: string): number {
    const known = offset.startsWith(`${this.#run}/`) ? Number(offset.slice(this.#run.length + 1)) : 0;
    return Math.max(known, this.#first);
  }

  async #read(after: string, count: number, blockMs: number, closing: AbortSignal): Promise<LogEntry[]> {
    if (this.#position(after) === this.#appended && blockMs > 0) await this.#change(blockMs, closing);
    const position = this.#position(after);
    const from = position - this.#first;
    return this.#entries.slice(from, from + count).map((frame, at) => ({
      offset: `${this.#run}/${position + at + 1}`,
      frame: frame.toString(),
    }));
  }

  #change(blockMs: number, closing: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#readers.delete(wake);
        closing.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, blockMs);
      this.#readers.add(wake);
      closing.addEventListener("abort", wake);
      if (closing.aborted) wake();
    });
  }
}
