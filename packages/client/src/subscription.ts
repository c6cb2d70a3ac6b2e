import type { RoomId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import { backoffMs } from "./backoff.ts";
import type { HubbubError } from "./hubbub-error.ts";
import type { Link } from "./link.ts";
import type { Answer } from "./requests.ts";
import type { Position } from "./room-cursor.ts";

/** A replay of months may stand in front of the answer; a dead link is found by the heartbeat. */
const SUBSCRIBE_TIMEOUT_MS = 60_000;

export type SubscriptionState =
  | { readonly state: "idle" }
  /** Wanted, but there is no connection. */
  | { readonly state: "offline" }
  | { readonly state: "replaying"; readonly link: Link }
  | { readonly state: "live"; readonly link: Link }
  | { readonly state: "refused"; readonly error: HubbubError };

interface SubscriptionEvents {
  position(): Position | undefined;
  refused(error: HubbubError): void;
}

/** Keeps one room subscribed, on whichever link there is. Who reads `subscribed` tells it with `live`. */
export class Subscription {
  readonly #room: RoomId;
  readonly #events: SubscriptionEvents;
  readonly #retry = new Alarm();
  #refusals = 0;
  /** What is answered to any but the last one is past. */
  #asks = 0;
  #state: SubscriptionState = { state: "idle" };

  constructor(room: RoomId, events: SubscriptionEvents) {
    this.#room = room;
    this.#events = events;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  get isWanted(): boolean {
    return this.#state.state !== "idle" && this.#state.state !== "refused";
  }

  start(link: Link | undefined): void {
    if (link === undefined) this.#state = { state: "offline" };
    else this.#ask(link);
  }

  /** The cure for a hole. */
  replay(): void {
    if (this.#state.state === "live" || this.#state.state === "replaying") this.#ask(this.#state.link);
  }

  live(): void {
    if (this.#state.state !== "replaying") return;
    this.#refusals = 0;
    this.#state = { state: "live", link: this.#state.link };
  }

  linkLost(): void {
    this.#retry.clear();
    if (this.isWanted) this.#state = { state: "offline" };
  }

  stop(): void {
    this.#retry.clear();
    this.#state = { state: "idle" };
  }

  refuse(error: HubbubError): void {
    this.#retry.clear();
    this.#state = { state: "refused", error };
    this.#events.refused(error);
  }

  /** Everything behind the cursor, then live. */
  #ask(link: Link): void {
    this.#retry.clear();
    this.#state = { state: "replaying", link };
    const ask = ++this.#asks;
    const since = this.#events.position();
    const request = { type: "subscribe", room: this.#room, ...(since === undefined ? {} : { since }) } as const;
    link.ask(request, SUBSCRIBE_TIMEOUT_MS, (answer) => this.#answered(link, ask, answer));
  }

  #answered(link: Link, ask: number, answer: Answer): void {
    const isCurrent = this.isWanted && ask === this.#asks;
    if (answer.ok || !isCurrent || answer.error.code === "connection_lost") return;
    if (!answer.error.shouldRetry()) {
      this.refuse(answer.error);
      return;
    }
    const delayMs = Math.max(backoffMs(this.#refusals, Math.random()), answer.error.retryAfterMs ?? 0);
    this.#refusals += 1;
    this.#retry.set(delayMs, () => this.#ask(link));
  }
}
