import type { UserId } from "@hubbub/protocol";
import type { Logger } from "@hubbub/runtime";
import { isUnavailable, type Store } from "@hubbub/store";

const BATCH = 500;
/** Between two full batches, and between two rounds. */
const BATCH_PAUSE_MS = 1_000;
const ROUND_PAUSE_MS = 60_000;
/** Ended sessions are kept while an access token of theirs could still be shown. */
const KEPT_MS = 900_000;

/**
 * Deletes ended sessions, with their refresh tokens, and guests who have no session left, whose messages stay. In batches with pauses;
 * any number of processes may do it at once.
 */
export class Cleanup {
  readonly #store: Store;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;
  #guest: UserId | undefined;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
    this.#plan(ROUND_PAUSE_MS * Math.random());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #plan(inMs: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, inMs);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    let isMore = false;
    try {
      isMore = await this.sweep(new Date(Date.now() - KEPT_MS));
    } catch (error) {
      if (!isUnavailable(error)) this.#log.error({ err: error }, "cleanup failed");
    }
    this.#plan(isMore ? BATCH_PAUSE_MS : ROUND_PAUSE_MS);
  }

  /** One batch of each kind; whether there is more to look at. */
  async sweep(before: Date): Promise<boolean> {
    const sessions = await this.#store.sessions.deleteEnded(before, BATCH);
    const page = { after: this.#guest, limit: BATCH, createdBefore: before };
    const { deleted, next } = await this.#store.users.deleteIdleGuests(page);
    this.#guest = next;
    if (sessions + deleted > 0) this.#log.debug({ sessions, guests: deleted }, "cleaned up");
    return sessions === BATCH || next !== undefined;
  }
}
