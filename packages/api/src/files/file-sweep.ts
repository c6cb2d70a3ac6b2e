import { BrokerUnavailable, type RoomLog } from "@hubbub/broker";
import type { FileStorage } from "@hubbub/files";
import type { RoomId } from "@hubbub/protocol";
import { BackgroundJob, type Logger, pause } from "@hubbub/runtime";
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
/** What was accepted before this time is stored after it, unless the writers are away. */
const STORED_MS = 2_000;
/** Longer than an upload may take. */
const STAGED_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

export interface FileSweepOptions {
  readonly store: Store;
  readonly broker: Pick<RoomLog, "heads">;
  readonly storage: FileStorage;
  readonly unusedHours: number;
  readonly log: Logger;
}

/** Removes files that no message has, or only one that was never accepted, and content that no file has. Any number of processes may do it at once. */
export class FileSweep {
  readonly #options: FileSweepOptions;
  readonly #job: BackgroundJob;

  constructor(options: FileSweepOptions) {
    this.#options = options;
    this.#job = new BackgroundJob({
      work: (signal) => this.sweep(Date.now(), signal),
      failed: (error) => {
        if (!isUnavailable(error) && !(error instanceof BrokerUnavailable))
          options.log.warn({ err: error }, "files were not swept; the next round tries again");
      },
      stepPauseMs: BATCH_PAUSE_MS,
      roundPauseMs: ROUND_PAUSE_MS,
    });
  }

  close(): Promise<void> {
    return this.#job.close();
  }

  /** One batch of each kind, at this time in Unix ms. Returns whether there is more. */
  async sweep(now: number, signal: AbortSignal = new AbortController().signal): Promise<boolean> {
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
    const isMoreUnsent = await this.#releaseUnsent(ago(unusedHours * HOUR_MS), signal);
    return files === BATCH || orphans.length === REMOVED_AT_ONCE || isMoreUnsent;
  }

  /**
   * A message takes its files before it is accepted. When it is not accepted then, they are unused. Returns whether there is more.
   */
  async #releaseUnsent(before: Date, signal: AbortSignal): Promise<boolean> {
    const { store, log } = this.#options;
    const { sent, unsent } = await store.files.lookForMessages(before, BATCH);
    if (unsent.length === 0) return sent === BATCH;
    const stored = await this.#storedOf([...new Set(unsent.map(({ room }) => room))], signal);
    const due = unsent.filter(({ room }) => stored.has(room));
    const released = await store.files.releaseUnsent(before, due);
    if (released > 0) log.debug({ released }, "files of messages that were never accepted");
    return sent + released === BATCH;
  }

  /** Those of the rooms of which all is stored that was accepted until now. */
  async #storedOf(rooms: readonly RoomId[], signal: AbortSignal): Promise<ReadonlySet<RoomId>> {
    const { broker } = this.#options;
    const heads = await broker.heads(rooms);
    const isBehind = heads.some((head) => head !== null && head.durable < head.seq);
    if (isBehind) await pause(STORED_MS, signal, false);
    const later = isBehind ? await broker.heads(rooms) : heads;
    return new Set(rooms.filter((_room, at) => (later[at]?.durable ?? Number.MAX_VALUE) >= (heads[at]?.seq ?? 0)));
  }
}
