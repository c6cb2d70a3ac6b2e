import type { HistoryPage, Limits, RoomEvent, UserId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { backoffMs } from "./backoff.ts";
import { findStored } from "./find-stored.ts";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import { Outbox, type OutboxItem, SEND_WINDOW } from "./outbox.ts";
import type { Answer } from "./requests.ts";
import { tooLarge } from "./too-large.ts";

/** An ack that takes longer is taken for lost; the event goes again under its id, which is safe. */
const ACK_TIMEOUT_MS = 15_000;

/** Refusals after which an event was not accepted. */
const NOT_ACCEPTED = new Set(["out_of_order", "rate_limited", "overloaded", "outbox_full"]);

/** What the sender needs of a connection. */
export type SenderLink = Pick<Link, "ask" | "round" | "limits" | "refused">;

export interface SenderHost {
  /** The link on which the room is live, else undefined. */
  link(): SenderLink | undefined;
  me(): UserId | undefined;
  history(query: HistoryQuery): Promise<HistoryPage>;
  resent(count: number): void;
  lost(id: string, error: HubbubError): void;
}

/**
 * Moves the outbox of one room over the wire, in order, as fast as it is let.
 *
 * Order under refusals: what is in flight belongs to one round. After a refusal that invites a retry the server refuses
 * the rest of that round (`out_of_order`). The sender waits until everything in flight is answered, and goes on from the
 * first refused event in the next round. A server that does not know rounds gets one event at a time.
 */
export class Sender {
  readonly outbox = new Outbox();
  readonly #host: SenderHost;
  readonly #pause = new Alarm();
  readonly #lookAgain = new Alarm();
  #refusals = 0;
  /** Sent on this link and not answered; all in `#round`. */
  #inFlight = 0;
  #round = 0;
  /** Of the room, as the feed knows it; 0: not known. */
  #epoch = 0;
  /** While an epoch change is looked into, nothing newer may overtake what may have to go again. */
  #lookup: Promise<void> | undefined;

  constructor(host: SenderHost) {
    this.#host = host;
  }

  /** Sends what may go now. Called whenever something changed. */
  flush(): void {
    const link = this.#host.link();
    if (link === undefined || this.#pause.isSet || this.#lookAgain.isSet || this.#lookup !== undefined) return;
    if (this.#inFlight > 0 && this.#round !== link.round) return;
    this.#round = link.round;
    for (const item of this.outbox.sendable(windowOf(link.limits))) {
      const error = tooLarge(item.body, link.limits);
      if (error === undefined) this.#send(link, item);
      else this.#giveUp(item, error);
      // What was answered in the meantime may have begun another round or a pause.
      if (this.#round !== link.round || this.#pause.isSet) return;
    }
  }

  /** An event of the room. The own ones are acks that were lost, or that come later. */
  seen(event: RoomEvent): void {
    this.outbox.seen(event, this.#host.me());
    this.flush();
  }

  linkLost(): void {
    this.#pause.clear();
    this.#lookAgain.clear();
    this.#refusals = 0;
    this.#inFlight = 0;
    this.#host.resent(this.outbox.connectionLost());
  }

  close(error: HubbubError): void {
    this.#pause.clear();
    this.#lookAgain.clear();
    this.outbox.failAll(error);
  }

  /** Everything of this epoch up to `seq` is committed. */
  durable(seq: number, epoch: number): void {
    if (this.outbox.durable(seq, epoch)) this.reconcile(epoch);
  }

  /** The room is in this epoch. Events acked in another are looked up in the history; those that are not there go again. */
  reconcile(epoch: number): void {
    this.#epoch = epoch;
    const me = this.#host.me();
    if (this.#lookup !== undefined || me === undefined || this.outbox.doubtful(epoch).length === 0) return;
    // What waited for another look has it now.
    this.#lookAgain.clear();
    this.#lookup = this.#lookUp(epoch, me)
      .catch((error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        if (error.shouldRetry()) this.#lookAgain.set(this.#delayAfter(error), () => this.#reconcileOrFlush());
        else for (const item of this.outbox.doubtful(epoch)) this.#giveUp(item, error);
      })
      .finally(() => {
        this.#lookup = undefined;
        if (this.#epoch !== epoch) this.reconcile(this.#epoch);
        this.flush();
      });
  }

  #reconcileOrFlush(): void {
    this.reconcile(this.#epoch);
    this.flush();
  }

  async #lookUp(epoch: number, me: UserId): Promise<void> {
    const doubtful = this.outbox.doubtful(epoch);
    const sought = doubtful.flatMap(({ body, state }) =>
      state.state === "acked" ? [{ id: body.id, seq: state.published.seq }] : [],
    );
    const found = await findStored(sought, me, (query) => this.#host.history(query));
    // An ack may come ahead of the news of its epoch: such an event waits for its mark.
    const stillDoubtful = new Set(this.outbox.doubtful(found.epoch));
    for (const item of doubtful.filter((one) => stillDoubtful.has(one))) {
      if (found.ids.has(item.body.id)) this.outbox.stored(item);
      else if (this.outbox.requeue(item)) this.#host.resent(1);
    }
  }

  #send(link: SenderLink, item: OutboxItem): void {
    const round = this.#round;
    const knowsRounds = link.limits.inflight !== undefined;
    this.#inFlight += 1;
    link.ask({ ...item.body, ...(knowsRounds ? { round } : {}) }, ACK_TIMEOUT_MS, (answer) => {
      // What a lost connection leaves unanswered is queued again by `linkLost`.
      if (!answer.ok && answer.error.code === "connection_lost") return;
      this.#inFlight -= 1;
      this.#answered(link, round, item, answer);
      this.flush();
    });
  }

  #answered(link: SenderLink, round: number, item: OutboxItem, answer: Answer): void {
    if (answer.ok) {
      if (answer.frame.type === "ack") this.outbox.acked(item, answer.frame, this.#epoch || answer.frame.epoch);
      this.#refusals = 0;
    } else if (answer.error.shouldRetry()) {
      if (item.state.state === "sent") this.outbox.requeue(item, !NOT_ACCEPTED.has(answer.error.code));
      if (answer.error.code !== "out_of_order") this.#backOff(answer.error);
      // Last: it drops what waits on the link behind this event, and each of those flushes.
      link.refused(round);
    } else if (item.state.state === "sent") this.#giveUp(item, answer.error);
  }

  /** A sender that was already told of the ack hears of the loss in another way. */
  #giveUp(item: OutboxItem, error: HubbubError): void {
    if (item.waiter === undefined) this.#host.lost(item.body.id, error);
    this.outbox.refused(item, error);
  }

  #backOff(error: HubbubError): void {
    if (!this.#pause.isSet) this.#pause.set(this.#delayAfter(error), () => this.flush());
  }

  #delayAfter(error: HubbubError): number {
    const delayMs = Math.max(backoffMs(this.#refusals, Math.random()), error.retryAfterMs ?? 0);
    this.#refusals += 1;
    return delayMs;
  }
}

function windowOf({ inflight }: Limits): number {
  return inflight === undefined ? 1 : Math.min(SEND_WINDOW, inflight);
}
