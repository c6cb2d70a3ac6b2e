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

/** Seals the stored events of chained rooms, in the background: accepting, delivering and storing know nothing of it. */
export class ChainSealer {
  readonly #store: Pick<Store, "chains">;
  readonly #job: BackgroundJob;

  constructor({ store, log }: { readonly store: Pick<Store, "chains">; readonly log: Logger }) {
    this.#store = store;
    this.#job = new BackgroundJob({
      work: () => this.work(),
      failed: (error) => {
        if (!isUnavailable(error)) log.error({ err: error }, "a room is not sealed; the next round tries again");
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
    return (await this.#store.chains.seal(now - SEALED_AT_MS, EVENTS_PER_STEP)) !== 0;
  }
}
