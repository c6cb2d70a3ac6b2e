import type { RoomId } from "@hubbub/protocol";
import { BackgroundJob, type Logger } from "@hubbub/runtime";
import { isUnavailable, type Store } from "@hubbub/store";

const EVENTS_PER_STEP = 200;
const STEP_PAUSE_MS = 100;
const ROUND_PAUSE_MS = 30_000;
/**
 * Events are sealed at this age. What is deleted sooner leaves no hash of its text, and events whose log was lost have
 * their final seqs by then.
 */
export const SEALED_AT_MS = 600_000;

/**
 * Seals the stored events of chained rooms, in the background: accepting, delivering and storing know nothing of it. A round takes the
 * rooms in their order, each for one step, so a busy room delays another one by a step. While a round seals something, the next one
 * follows at once.
 */
export class ChainSealer {
  readonly #store: Pick<Store, "chains">;
  readonly #log: Logger;
  readonly #job: BackgroundJob;
  /** The last room that this round has taken; null: the round begins. */
  #after: RoomId | null = null;
  #hasSealed = false;

  constructor({ store, log }: { readonly store: Pick<Store, "chains">; readonly log: Logger }) {
    this.#store = store;
    this.#log = log;
    this.#job = new BackgroundJob({
      work: () => this.work(),
      failed: (error) => {
        if (!isUnavailable(error)) log.error({ err: error }, "rooms are not sealed; the next round tries again");
      },
      stepPauseMs: STEP_PAUSE_MS,
      roundPauseMs: ROUND_PAUSE_MS,
    });
  }

  close(): Promise<void> {
    return this.#job.close();
  }

  /** One step. Returns whether there is more to do. */
  async work(now = Date.now()): Promise<boolean> {
    const before = now - SEALED_AT_MS;
    const { room, next } = await this.#store.chains.due(before, this.#after);
    this.#after = next;
    if (room !== null && (await this.#seal(room, before))) this.#hasSealed = true;
    if (next !== null) return true;
    const hasSealed = this.#hasSealed;
    this.#hasSealed = false;
    return hasSealed;
  }

  /** A room that cannot be sealed does not hold back the others. */
  async #seal(room: RoomId, before: number): Promise<boolean> {
    try {
      return (await this.#store.chains.seal(room, before, EVENTS_PER_STEP)) !== 0;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.#log.error({ err: error, room }, "a room is not sealed; the next round tries again");
      return false;
    }
  }
}
