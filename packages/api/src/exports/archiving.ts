import { type FileStorage, StorageUnavailable } from "@hubbub/files";
import type { UserId } from "@hubbub/protocol";
import { pause } from "@hubbub/runtime";
import type { ExportLease, Store } from "@hubbub/store";
import { countParts, partsOf } from "./archive-parts.ts";
import { zipOf } from "./zip-parts.ts";

/** How often the progress is written, which also renews the lease. */
const PROGRESS_MS = 2_000;
/** How fast an archive is made: reading, hashing and writing it takes CPU and disk from requests. */
const BYTES_PER_SECOND = 32 * 1_048_576;

/** Somebody else has the export, or it was ended. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** The archive would be larger than `maxBytes`. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

export interface ArchivingOptions {
  readonly store: Store;
  readonly storage: FileStorage;
  readonly lease: ExportLease;
  readonly user: UserId;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly bytesPerSecond?: number | undefined;
}

/** One try at the archive of one export: its bytes, bounded, paced and with progress. */
export class Archiving {
  readonly #options: ArchivingOptions;
  readonly #begunAt = performance.now();
  #toldAt = performance.now();
  #partsDone = 0;
  #partsTotal = 0;
  #bytes = 0;

  constructor(options: ArchivingOptions) {
    this.#options = options;
  }

  /** @throws LeaseLost, StorageUnavailable when the storage has no room for it; the stream also TooLarge, or the reason of the signal */
  async begin(): Promise<AsyncIterable<Uint8Array>> {
    const { store, storage, user, maxBytes } = this.#options;
    const { total, fileBytes } = await countParts({ contents: store.exports.contents, user });
    this.#partsTotal = total;
    if (!(await storage.hasRoomFor(Math.min(fileBytes, maxBytes))))
      throw new StorageUnavailable("the storage of files has no room for an export");
    await this.#tell();
    return this.#chunks();
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    const { store, storage, user, signal, maxBytes } = this.#options;
    const partDone = () => {
      this.#partsDone = Math.min(this.#partsDone + 1, this.#partsTotal);
    };
    const left = () => maxBytes - this.#bytes;
    const parts = partsOf({ contents: store.exports.contents, storage, user, signal, partDone, left });
    for await (const chunk of zipOf(parts)) {
      signal.throwIfAborted();
      this.#bytes += chunk.byteLength;
      if (this.#bytes > maxBytes) throw new TooLarge(`an archive has at most ${maxBytes} bytes`);
      yield chunk;
      if (performance.now() - this.#toldAt > PROGRESS_MS) await this.#tell();
      await this.#rest();
    }
  }

  async #tell(): Promise<void> {
    const { store, lease } = this.#options;
    this.#toldAt = performance.now();
    const progress = { partsDone: this.#partsDone, partsTotal: this.#partsTotal, bytes: this.#bytes };
    if (!(await store.exports.progress(lease, progress))) throw new LeaseLost();
  }

  async #rest(): Promise<void> {
    const { signal, bytesPerSecond = BYTES_PER_SECOND } = this.#options;
    const aheadMs = (this.#bytes / bytesPerSecond) * 1_000 - (performance.now() - this.#begunAt);
    if (aheadMs > 1) await pause(aheadMs, signal);
  }
}
