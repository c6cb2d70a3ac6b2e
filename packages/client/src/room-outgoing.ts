import type { Published } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import { type Outbox, type OutboxBody, type PendingMessage, pendingOf, type Until } from "./outbox.ts";
import type { Earlier, KeptEvent, RefusedEvent } from "./outbox-storage.ts";
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
  #hasEnded = false;

  constructor(host: RoomOutgoingHost) {
    this.#host = host;
    this.#outbox = host.outbox;
    this.#kept = new RoomKeeper(host);
  }

  /** `earlier`: an earlier client was given the event. @throws HubbubError outbox_full */
  give(body: OutboxBody, until: Until, earlier?: Earlier): Promise<Published> {
    this.#hasEnded = false;
    const isKept = this.#kept.isKeeping;
    const published = this.#follow(body, this.#outbox.add(body, until, isKept || earlier !== undefined));
    if (isKept) this.#kept.keep(body, { at: Date.now(), after: this.#host.known(), ...earlier }, earlier !== undefined);
    else if (earlier !== undefined) this.#kept.resumed([{ id: body.id, ...earlier }]);
    return published;
  }

  /** What an earlier client kept. `isFirst`: it goes before what this one was given. */
  resume(events: readonly KeptEvent[], isFirst: boolean): void {
    this.#hasEnded = false;
    // What is pending already, and what has no room here, stays kept.
    const taken = events.filter((event) => {
      const isTaken = !this.#outbox.has(event.id) && !this.#outbox.isFull;
      if (isTaken) this.#resumeOne(event);
      return isTaken;
    });
    if (isFirst) this.#outbox.moveToFront(taken.length);
    this.#kept.resumed(taken);
  }

  /** The room is heard from behind `seq` on. The events of what was sent before may stand before that. */
  passOver(seq = 0): void {
    const after = this.#host.known();
    if (seq > after) this.#kept.resumed(this.#outbox.sent.map((one) => ({ ...one, after })));
  }

  /** The room is live: what waited for that may go. */
  live(): void {
    this.#kept.live();
  }

  end(): void {
    this.#hasEnded = true;
    this.#kept.end();
  }

  /** The end of the client leaves what is pending to the next one. What is refused while it waits for its end is refused. */
  get #isLeft(): boolean {
    return this.#hasEnded && this.#host.ended() !== undefined;
  }

  /** Nobody waits for its outcome: a refusal is told to the owner of the client. */
  #resumeOne({ at: _at, after: _after, ...event }: KeptEvent): void {
    const body = event as OutboxBody;
    this.#follow(body, this.#outbox.add(body, "ack", true)).catch((error: unknown) => {
      // The owner has withdrawn it, or the next client has it.
      if (!(error instanceof HubbubError) || error.code === "closed") return;
      if (!this.#isLeft) this.#host.refused({ event, error });
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
      if (!this.#isLeft) this.#kept.forget(body.id);
      if (error instanceof HubbubError) tell({ state: "refused", error });
      throw error;
    } finally {
      this.#kept.settled(body.id);
      this.#host.settled();
    }
  }
}
