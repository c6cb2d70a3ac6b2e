import type { HistoryPage, ServerFrame, UserId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { backoffMs } from "./backoff.ts";
import { findStored } from "./find-stored.ts";
import type { HistoryQuery } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import { Outbox, type OutboxItem } from "./outbox.ts";
import type { Answer } from "./requests.ts";

/** An ack that takes longer is taken for lost; the event goes again under its id, which is safe. */
const ACK_TIMEOUT_MS = 15_000;

export interface SenderHost {
  /** The link on which the room is live, else undefined. */
  link(): Link | undefined;
  me(): UserId | undefined;
  history(query: HistoryQuery): Promise<HistoryPage>;
  resent(count: number): void;
  lost(id: string, error: HubbubError): void;
}

/** Moves the outbox of one room over the wire, in order, as fast as it is let. */
export class Sender {
  readonly outbox = new Outbox();
  readonly #host: SenderHost;
  readonly #pause = new Alarm();
  #refusals = 0;
  /** While an epoch change is looked into, nothing newer may overtake what may have to go again. */
  #lookup: Promise<void> | undefined;

  constructor(host: SenderHost) {
    this.#host = host;
  }

  /** Sends what may go now. Called whenever something changed. */
  flush(): void {
    const link = this.#host.link();
    if (link === undefined || this.#pause.isSet || this.#lookup !== undefined) return;
    for (const item of this.outbox.sendable()) {
      link.ask(item.body, ACK_TIMEOUT_MS, (answer) => this.#answered(item, answer));
    }
  }

  linkLost(): void {
    this.#pause.clear();
    this.#refusals = 0;
    this.#host.resent(this.outbox.connectionLost());
  }

  close(error: HubbubError): void {
    this.#pause.clear();
    this.outbox.failAll(error);
  }

  /** Events acked in an earlier epoch are looked up in the history; those that are not there go again. */
  reconcile(epoch: number): void {
    const me = this.#host.me();
    if (this.#lookup !== undefined || me === undefined || this.outbox.doubtful(epoch).length === 0) return;
    this.#lookup = this.#lookUp(epoch, me)
      .catch((error: unknown) => {
        if (!(error instanceof HubbubError)) throw error;
        if (error.shouldRetry()) this.#backOff(error, () => this.reconcile(epoch));
        else for (const item of this.outbox.doubtful(epoch)) this.#giveUp(item, error);
      })
      .finally(() => {
        this.#lookup = undefined;
        this.flush();
      });
  }

  async #lookUp(epoch: number, me: UserId): Promise<void> {
    const doubtful = this.outbox.doubtful(epoch);
    const sought = doubtful.flatMap(({ body, state }) =>
      state.state === "acked" ? [{ id: body.id, seq: state.published.seq }] : [],
    );
    const found = await findStored(sought, me, (query) => this.#host.history(query));
    const stillDoubtful = new Set(this.outbox.doubtful(epoch));
    for (const item of doubtful.filter((one) => stillDoubtful.has(one))) {
      if (found.has(item.body.id)) this.outbox.stored(item);
      else if (this.outbox.requeue(item)) this.#host.resent(1);
    }
  }

  #answered(item: OutboxItem, answer: Answer): void {
    if (item.state.state !== "sent") return;
    if (answer.ok) this.#acked(item, answer.frame);
    else if (answer.error.code !== "connection_lost") this.#refused(item, answer.error);
  }

  #acked(item: OutboxItem, frame: ServerFrame): void {
    if (frame.type === "ack") this.outbox.acked(item, frame);
    this.#refusals = 0;
    this.flush();
  }

  #refused(item: OutboxItem, error: HubbubError): void {
    if (error.shouldRetry()) {
      this.outbox.requeue(item);
      this.#backOff(error, () => this.flush());
    } else {
      this.#giveUp(item, error);
      this.flush();
    }
  }

  /** A sender that was already told of the ack hears of the loss in another way. */
  #giveUp(item: OutboxItem, error: HubbubError): void {
    if (item.waiter === undefined) this.#host.lost(item.body.id, error);
    this.outbox.refused(item, error);
  }

  #backOff(error: HubbubError, then: () => void): void {
    if (this.#pause.isSet) return;
    const delayMs = Math.max(backoffMs(this.#refusals, Math.random()), error.retryAfterMs ?? 0);
    this.#refusals += 1;
    this.#pause.set(delayMs, then);
  }
}
