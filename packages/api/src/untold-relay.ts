import { BrokerUnavailable, type ControlMessage, type Deliveries } from "@hubbub/broker";
import { type Logger, type Loop, pause, runLoop } from "@hubbub/runtime";
import { isUnavailable, type Store, type UntoldChange } from "@hubbub/store";

const PAUSE_MS = 1_000;
const BATCH = 500;

export interface UntoldRelayOptions {
  readonly store: Pick<Store, "untoldChanges">;
  readonly broker: Pick<Deliveries, "publishControl">;
  readonly log: Logger;
}

/**
 * Tells gateways what changed in rooms, in the words of how it is now. The process that made a change tells it at once too:
 * what it could not tell, because Redis was away or the process died, is told here by any api process within about a second.
 * A row goes when it is told, so that a message may come twice, and none is lost.
 */
export class UntoldRelay implements Loop {
  readonly #options: UntoldRelayOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;

  constructor(options: UntoldRelayOptions) {
    this.#options = options;
    this.#ended = runLoop(this);
  }

  get isDone(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async step(): Promise<void> {
    const { store, broker } = this.#options;
    const changes = await store.untoldChanges.list(BATCH);
    for (const message of messagesFor(changes)) await broker.publishControl(message);
    if (changes.length > 0) await store.untoldChanges.remove(changes);
    if (changes.length < BATCH) await pause(PAUSE_MS, this.#closing.signal, false);
  }

  async recover(error: unknown): Promise<void> {
    const isAway = isUnavailable(error) || error instanceof BrokerUnavailable;
    if (!isAway) this.#options.log.error({ err: error }, "changes in rooms are not told; the next round tries again");
    await pause(PAUSE_MS, this.#closing.signal, false);
  }
}

/** One for each room or member, however many changes there are. */
function messagesFor(changes: readonly UntoldChange[]): Iterable<ControlMessage> {
  return new Map(changes.map((change) => [`${change.room} ${change.user}`, messageFor(change)])).values();
}

function messageFor({ room, user, isOpen, isMember }: UntoldChange): ControlMessage {
  if (user === null) return { type: isOpen ? "room-changed" : "room-closed", room };
  return { type: isMember ? "member-changed" : "member-removed", room, user };
}
