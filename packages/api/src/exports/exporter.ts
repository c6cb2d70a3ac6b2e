import type { Broker } from "@hubbub/broker";
import type { FileStorage } from "@hubbub/files";
import { type ExportState, newId, type PersonalFrame } from "@hubbub/protocol";
import { BackgroundJob, type Logger } from "@hubbub/runtime";
import { type ExportFault, type ExportLease, isUnavailable, type OpenExport, type Store } from "@hubbub/store";
import { archiveKey } from "../files/keys.ts";
import { Archiving, LeaseLost, TooLarge } from "./archiving.ts";

const LEASE_MS = 60_000;
/** Giving an archive its name may copy it within the service: nobody removes it before this. */
const KEEP_LEASE_MS = 900_000;
const STEP_PAUSE_MS = 200;
const ROUND_PAUSE_MS = 5_000;
/** An export that fails, or ends its process, so often is given up. The pauses between grow: all tries take about five hours. */
const ATTEMPTS_MAX = 24;
const RETRY_MS = 60_000;
/** Archives removed in one step. */
const REMOVED_AT_ONCE = 20;
const DAY_MS = 86_400_000;
/** Rows without an archive are shown for so long. */
const ROWS_KEPT_MS = 30 * DAY_MS;
const ROWS_AT_ONCE = 200;

export interface ExporterOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly storage: FileStorage;
  readonly maxBytes: number;
  readonly keptDays: number;
  readonly log: Logger;
  /** For tests. Default 32 MiB. */
  readonly bytesPerSecond?: number | undefined;
}

/**
 * Makes the archives of exports, one at a time in each process, and removes those that are over. A process that ends leaves staged
 * content, which the storage sweeps, and another one begins the export anew.
 */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #owner = newId<string>();
  readonly #job: BackgroundJob;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#job = new BackgroundJob({
      work: (signal) => this.work(signal),
      failed: (error) => this.#warn(error),
      stepPauseMs: STEP_PAUSE_MS,
      roundPauseMs: ROUND_PAUSE_MS,
    });
  }

  close(): Promise<void> {
    return this.#job.close();
  }

  reopen(): void {
    this.#job.reopen();
  }

  /** One export, and a batch of archives that are over. Returns whether there is more to do. */
  async work(signal: AbortSignal): Promise<boolean> {
    const removed = await this.#sweep();
    const found = await this.#options.store.exports.claim(this.#owner, LEASE_MS);
    if (found === null) return removed === REMOVED_AT_ONCE;
    await this.#make(found, signal);
    return true;
  }

  async #make(found: OpenExport, signal: AbortSignal): Promise<void> {
    const { store, storage, log } = this.#options;
    const lease: ExportLease = { id: found.id, owner: this.#owner, ttlMs: LEASE_MS };
    try {
      if (found.attempts > ATTEMPTS_MAX) return await this.#fail(found, lease, "failed");
      if (found.hash !== null) await storage.remove(archiveKey(found.hash));
      await this.#archive(found, lease, signal);
    } catch (error) {
      if (error instanceof LeaseLost) log.info({ export: found.id }, "an export was taken over, or was ended");
      else if (error instanceof TooLarge) await this.#fail(found, lease, "too_large");
      else if (signal.aborted) await store.exports.release(lease, 0);
      else {
        this.#warn(error);
        await store.exports.release(lease, RETRY_MS * found.attempts);
      }
    }
  }

  async #archive(found: OpenExport, lease: ExportLease, signal: AbortSignal): Promise<void> {
    const { store, storage, keptDays, log } = this.#options;
    const archiving = new Archiving({ ...this.#options, lease, user: found.user, signal });
    const staged = await storage.stage(await archiving.begin());
    const key = archiveKey(staged.hash);
    if (!(await store.exports.keep({ ...lease, ttlMs: KEEP_LEASE_MS }, staged))) {
      await staged.discard();
      throw new LeaseLost();
    }
    await staged.keep(key);
    if (!(await store.exports.finish(lease, new Date(Date.now() + keptDays * DAY_MS)))) {
      await storage.remove(key);
      await store.exports.forget(found.id);
      throw new LeaseLost();
    }
    log.info({ user: found.user, export: found.id, bytes: staged.bytes }, "an export is done");
    await this.#tell(found, "done");
  }

  async #fail(found: OpenExport, lease: ExportLease, fault: ExportFault): Promise<void> {
    this.#options.log.error({ user: found.user, export: found.id, fault }, "an export has failed");
    if (await this.#options.store.exports.fail(lease, fault)) await this.#tell(found, "failed");
  }

  /** A hint: clients ask as well. */
  async #tell({ user, id }: OpenExport, state: ExportState): Promise<void> {
    const frame: PersonalFrame = { type: "personal", kind: "export", export: id, state };
    await this.#options.broker.publishSignal(user, JSON.stringify(frame)).catch((error: unknown) => this.#warn(error));
  }

  async #sweep(): Promise<number> {
    const { store, storage } = this.#options;
    const expired = await store.exports.takeExpired(this.#owner, KEEP_LEASE_MS, REMOVED_AT_ONCE);
    for (const { id, hash } of expired) {
      await storage.remove(archiveKey(hash));
      await store.exports.forget(id);
    }
    await store.exports.deleteOld(new Date(Date.now() - ROWS_KEPT_MS), ROWS_AT_ONCE);
    return expired.length;
  }

  #warn(error: unknown): void {
    const { log } = this.#options;
    if (!isUnavailable(error)) log.warn({ err: error }, "an export does not go on; it is tried again");
  }
}
