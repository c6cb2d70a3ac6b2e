import type { FileStorage } from "@hubbub/files";
import { type Logger, type Loop, pause, runLoop } from "@hubbub/runtime";
import { isUnavailable, type Store } from "@hubbub/store";
import { keysOf } from "./keys.ts";

const BATCH = 200;
/** Contents that are removed in one step: few, so that it ends long before another process takes them over. */
const REMOVED_AT_ONCE = 20;
/** Pauses between two full batches, and between two rounds. */
const BATCH_PAUSE_MS = 1_000;
const ROUND_PAUSE_MS = 60_000;
/** An upload whose content has not got its name by then never will. */
const UNFINISHED_MS = 3_600_000;
/** Between a look at the rows and the removal: longer than any transaction runs. */
const SETTLED_MS = 600_000;
/** A process that took content to remove it, and did not come back. */
const STUCK_MS = 3_600_000;
/** Longer than an upload may take. */
const STAGED_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

export interface FileSweepOptions {
  readonly store: Store;
  readonly storage: FileStorage;
  readonly unusedHours: number;
  readonly log: Logger;
}

/** Removes files that no message has, and content that no file has. Any number of processes may do it at once. */
export class FileSweep implements Loop {
  readonly #options: FileSweepOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;

  constructor(options: FileSweepOptions) {
    this.#options = options;
    this.#ended = pause(ROUND_PAUSE_MS * Math.random(), this.#closing.signal, false).then(() => runLoop(this));
  }

  get isDone(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async step(): Promise<void> {
    const isMore = await this.sweep(Date.now());
    await pause(isMore ? BATCH_PAUSE_MS : ROUND_PAUSE_MS, this.#closing.signal, false);
  }

  async recover(error: unknown): Promise<void> {
    const { log } = this.#options;
    if (!isUnavailable(error)) log.warn({ err: error }, "files were not swept; the next round tries again");
    await pause(ROUND_PAUSE_MS, this.#closing.signal, false);
  }

  /** One batch of each kind, at this time in Unix ms. Returns whether there is more. */
  async sweep(now: number): Promise<boolean> {
    const { store, storage, unusedHours, log } = this.#options;
    const ago = (ms: number) => new Date(now - ms);
    const files = await store.files.sweep(
      { unfinished: ago(UNFINISHED_MS), unused: ago(unusedHours * HOUR_MS) },
      BATCH,
    );
    const orphans = await store.files.takeOrphans({ taken: ago(SETTLED_MS), stuck: ago(STUCK_MS) }, REMOVED_AT_ONCE);
    for (const hash of orphans) {
      await Promise.all(keysOf(hash).map((key) => storage.remove(key)));
      await store.files.forget([hash]);
    }
    const staged = await storage.sweep(ago(STAGED_MS));
    if (files + orphans.length + staged > 0) log.debug({ files, contents: orphans.length, staged }, "swept files");
    return files === BATCH || orphans.length === REMOVED_AT_ONCE;
  }
}
