import { type Acceptor, type Broker, BrokerUnavailable } from "@hubbub/broker";
import { newId, ProtocolError } from "@hubbub/protocol";
import { BackgroundJob, type Logger } from "@hubbub/runtime";
import { isUnavailable, type OpenErasure, type Store } from "@hubbub/store";
import type { Revocations } from "../auth/revocations.ts";
import { eraseInRoom } from "./erase-in-room.ts";

const LEASE_MS = 60_000;
const ROWS_PER_STEP = 500;
/** Wait after a request: what the user's connections had sent is numbered by then. */
const SETTLED_MS = 10_000;
const STEP_PAUSE_MS = 200;
const ROUND_PAUSE_MS = 5_000;

export interface EraserOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly revocations: Revocations;
  readonly log: Logger;
  readonly settledMs?: number | undefined;
}

/**
 * Does what erasures in the ledger still need, in small steps. One process at a time works on an erasure. Where it stands is in
 * the store, so that another process goes on when this one ends.
 */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #owner = newId<string>();
  readonly #job: BackgroundJob;

  constructor(options: EraserOptions) {
    this.#options = options;
    this.#job = new BackgroundJob({
      work: () => this.work(),
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

  /** One step. Returns whether there is more to do. */
  async work(): Promise<boolean> {
    const { store, settledMs = SETTLED_MS } = this.#options;
    const erasure = await store.erasures.claim(this.#owner, LEASE_MS, new Date(Date.now() - settledMs));
    if (erasure === null) return false;
    await this.#advance(erasure);
    return true;
  }

  async #advance({ user, username, hasBegun }: OpenErasure): Promise<void> {
    const { store, revocations, log } = this.#options;
    if (!hasBegun) return revocations.tell(await store.erasures.begin(user));
    const room = await store.erasures.nextRoom(user);
    if (room?.isDue === false) return;
    if (room !== null) return eraseInRoom(this.#options, { id: user, username }, room);
    if ((await store.erasures.clear(user, ROWS_PER_STEP)) > 0) return;
    await store.erasures.finish(user);
    log.info({ user }, "a user is erased");
  }

  /** The step is tried again: all of them may be repeated. */
  #warn(error: unknown): void {
    if (isUnavailable(error) || error instanceof BrokerUnavailable || error instanceof ProtocolError) return;
    this.#options.log.error({ err: error }, "an erasure does not go on; the next round tries again");
  }
}
