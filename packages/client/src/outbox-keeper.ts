import { HubbubError } from "./hubbub-error.ts";
import type { KeptEvent, OutboxStorage } from "./outbox-storage.ts";

/** A storage that takes longer for one call has failed. */
const STORAGE_TIMEOUT_MS = 10_000;

export interface KeeperHost {
  /** What earlier clients left. `isFirst`: it goes before what this client was given. */
  restore(events: readonly KeptEvent[], isFirst: boolean): void;
  /** The storage does not work: what is given goes as if there were none. */
  failed(error: HubbubError): void;
}

/**
 * Has unsent events kept by a storage: each before it is sent, until it is acked, refused or withdrawn. The end of the
 * client leaves them there. A storage that fails holds none up.
 */
export class OutboxKeeper {
  readonly #storage: OutboxStorage;
  readonly #host: KeeperHost;
  readonly #known: Promise<string>;
  #tellOwner: (owner: string) => void = () => undefined;
  /** Whether the storage is open, once that is decided. */
  readonly #opened: Promise<boolean>;
  #isOpen = false;
  #closing: Promise<void> | undefined;

  constructor(storage: OutboxStorage, host: KeeperHost) {
    this.#storage = storage;
    this.#host = host;
    this.#known = new Promise((resolve) => {
      this.#tellOwner = resolve;
    });
    this.#opened = this.#open();
  }

  /** Whose events they are. Until then what is given is held in memory, and none goes. */
  start(owner: string): void {
    this.#tellOwner(owner);
  }

  /** Resolves when the event may go. @throws HubbubError outbox_full */
  async keep(event: KeptEvent): Promise<void> {
    if (!(await this.#opened)) return;
    try {
      await this.#call(() => this.#storage.add(event));
    } catch (error) {
      if (error instanceof HubbubError && error.code === "outbox_full") throw error;
      this.#failed(error);
    }
  }

  /** It is acked, refused or withdrawn. */
  async forget(id: string): Promise<void> {
    if (!(await this.#opened)) return;
    await this.#call(() => this.#storage.remove(id)).catch((error: unknown) => this.#failed(error));
  }

  /** Settles whatever the storage does. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tellOwner("");
    await this.#opened;
    await this.#call(() => this.#storage.close()).catch(() => undefined);
  }

  async #open(): Promise<boolean> {
    const owner = await this.#known;
    if (this.#closing !== undefined) return false;
    try {
      const kept = await this.#call(() => this.#storage.open(owner, (events) => this.#restore(events, false)));
      this.#isOpen = true;
      this.#restore(kept, true);
    } catch (error) {
      this.#failed(error);
    }
    return this.#isOpen;
  }

  #restore(events: readonly KeptEvent[], isFirst: boolean): void {
    const isWanted = this.#isOpen && this.#closing === undefined && events.length > 0;
    if (isWanted) this.#host.restore(events, isFirst);
  }

  #failed(cause: unknown): void {
    this.#host.failed(cause instanceof HubbubError ? cause : new HubbubError("outbox_failed", undefined, { cause }));
  }

  async #call<Result>(call: () => Promise<Result>): Promise<Result> {
    return within(call(), STORAGE_TIMEOUT_MS);
  }
}

async function within<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new HubbubError("outbox_failed", "the storage of unsent events does not answer");
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
