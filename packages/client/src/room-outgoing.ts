import type { Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { type Outbox, type OutboxBody, type PendingMessage, pendingOf, type Until } from "./outbox.ts";
import type { KeptEvent, RefusedEvent } from "./outbox-storage.ts";
import { RoomKeeper, type RoomKeeperHost } from "./room-keeper.ts";
import type { Outcome } from "./room-listener.ts";

interface RoomOutgoingHost extends RoomKeeperHost {
  /** The seq up to which the room is known. */
  known(): number;
  /** Why nothing goes any more, once the client has ended. */
  ended(): HubbubError | undefined;
  /** An event of an earlier client. */
  refused(refused: RefusedEvent): void;
  /** Listeners hear what becomes of a message. */
  tell(message: PendingMessage, outcome: Outcome): void;
  settled(): void;
}

/** What this client writes into one room, from the moment in which it is given until its fate is known. */
export class RoomOutgoing {
  readonly #host: RoomOutgoingHost;
  readonly #outbox: Outbox;
  readonly #kept: RoomKeeper;

  constructor(host: RoomOutgoingHost) {
    this.#host = host;
    this.#outbox = host.outbox;
    this.#kept = new RoomKeeper(host);
  }

  /** @throws HubbubError outbox_full */
  give(body: OutboxBody, until: Until): Promise<Published> {
    const published = this.#follow(body, this.#outbox.add(body, until, this.#kept.isKeeping));
    this.#kept.keep(body, this.#host.known());
    return published;
  }

  /** What an earlier client kept. `isFirst`: it goes before what this one was given. */
  resume(events: readonly KeptEvent[], isFirst: boolean): void {
    // What is pending already, and what has no room here, stays kept.
    const taken = events.filter((event) => {
      const isTaken = !this.#outbox.has(event.id) && !this.#outbox.isFull;
      if (isTaken) this.#resumeOne(event);
      return isTaken;
    });
    if (isFirst) this.#outbox.moveToFront(taken.length);
    this.#kept.resumed(taken);
  }

  /** The room is live: what waited for that may go. */
  live(): void {
    this.#kept.live();
  }

  end(): void {
    this.#kept.end();
  }

  /** Nobody waits for its outcome: a refusal is told to the owner of the client. */
  #resumeOne({ at: _at, after: _after, ...event }: KeptEvent): void {
    const body = event as OutboxBody;
    this.#follow(body, this.#outbox.add(body, "ack", true)).catch((error: unknown) => {
      // The owner has withdrawn it, or the next client has it.
      if (!(error instanceof HubbubError) || error.code === "closed") return;
      if (this.#host.ended() === undefined) this.#host.refused({ event, error });
    });
  }

  async #follow(body: OutboxBody, published: Promise<Published>): Promise<Published> {
    const tell = (outcome: Outcome): void => {
      if (body.type !== "publish") return;
      this.#host.tell(pendingOf(body, outcome.state === "sending" ? "queued" : "sent"), outcome);
    };
    tell({ state: "sending" });
    try {
      const result = await published;
      tell({ state: "accepted", published: result });
      this.#kept.forget(body.id);
      return result;
    } catch (error) {
      // The end of the client leaves it to the next one.
      if (this.#host.ended() === undefined) this.#kept.forget(body.id);
      if (error instanceof HubbubError) tell({ state: "refused", error });
      throw error;
    } finally {
      this.#host.settled();
    }
  }
}
