import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ERRORS, type ErrorCode, isReconnectable, isRetryable, type RoomEvent } from "@hubbub/protocol";
import type { ReceivedFrame } from "@hubbub/testkit";
import type { History } from "./history.ts";
import { Outbox, type OutboxEntry } from "./outbox.ts";
import { Place } from "./place.ts";
import { openRecorderLink, type RecorderLink, type RecorderLinkOptions } from "./recorder-link.ts";
import { digestOf } from "./records.ts";

export interface RecorderOptions {
  readonly history: Pick<History, "add">;
  /** Unique in the history. */
  readonly client: string;
  /** `ws://…/ws` of the front or of one gateway, asked before every connection. */
  readonly url: () => string;
  /** An access token, asked before every connection. */
  readonly token: () => string | Promise<string>;
  /** Rooms that the user is a member of. */
  readonly rooms: readonly string[];
  /** Events that may wait for their ack at once, default 8. 1: each behind the ack of the one before. */
  readonly underWayMax?: number | undefined;
  /** Default 4000. */
  readonly silenceMs?: number | undefined;
  /** Every event that is received. */
  readonly onEvent?: ((event: RoomEvent) => void) | undefined;
  /** Opens a connection; a WebSocket by default. */
  readonly open?: ((options: RecorderLinkOptions) => RecorderLink) | undefined;
}

const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 2_000;
const RETRY_MS = 250;

/**
 * A client on the bare wire that writes down what it does and what happens to it. It resumes from where it was, sends
 * again under the same id what had no ack, and draws no conclusion: that is the checker's.
 */
export class Recorder implements AsyncDisposable {
  readonly client: string;
  readonly #options: RecorderOptions;
  readonly #outbox: Outbox;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** By ref. Bounded by the rooms and the events under way. */
  readonly #asked = new Map<number, { readonly room: string; readonly id: string | null }>();
  #link: RecorderLink | null = null;
  #ref = 0;
  #attempts = 0;
  connections = 0;
  /** A close code that says not to come back; the recorder has stopped then. */
  refusedWith: number | null = null;

  constructor(options: RecorderOptions) {
    this.client = options.client;
    this.#options = options;
    this.#outbox = new Outbox(options.underWayMax ?? 8);
    this.#places = new Map(options.rooms.map((room) => [room, new Place()]));
    this.#running = this.#run();
  }

  /** Events that wait for their ack. */
  get waiting(): number {
    return this.#outbox.size;
  }

  /** Of those: edits, deletions, reactions and pins. */
  get waitingChanges(): number {
    return this.#outbox.changes;
  }

  place(room: string): Place {
    const place = this.#places.get(room);
    if (place === undefined) throw new Error(`${this.client} has no room ${room}`);
    return place;
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** False when too many events wait: nothing was taken. */
  publish(room: string, text: string, id: string = randomUUID()): boolean {
    return this.send(room, { type: "publish", text }, id);
  }

  /** The same for any frame that makes an event. */
  send(room: string, frame: OutboxEntry["frame"], id: string): boolean {
    this.place(room);
    const isTaken = this.#outbox.add({ room, id, frame });
    this.#pump();
    return isTaken;
  }

  /** How far the user has read; nothing answers, and nothing is sent again. */
  read(room: string, seq: number): void {
    if (this.place(room).isLive) this.#link?.send({ type: "read", room, seq });
  }

  /** Cuts the connection, as a bad network would. The recorder comes back. */
  cut(): void {
    this.#link?.cut();
  }

  /** Says that it must have everything by now; see `settle`. */
  present(): void {
    for (const room of this.#places.keys()) this.#options.history.add({ type: "present", client: this.client, room });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#link?.cut();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const code = await this.#connect();
      this.#link = null;
      this.#asked.clear();
      this.#outbox.lost();
      for (const place of this.#places.values()) place.isLive = false;
      if (!isReconnectable(code)) {
        this.refusedWith = code;
        return;
      }
      const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#attempts++);
      await delay(Math.random() * longest, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Answers the code with which the connection ended. */
  async #connect(): Promise<number> {
    const { url, token, silenceMs = 4_000, open = openRecorderLink } = this.#options;
    // The cluster that gives the token may be away as well.
    const given = await Promise.resolve(token()).catch(() => null);
    if (given === null || this.#stopping.signal.aborted) return 1006;
    const frame = (link: RecorderLink, heard: ReceivedFrame) => {
      if (link === this.#link) this.#hear(heard);
    };
    this.#link = open({ url: url(), token: given, silenceMs, frame });
    return await this.#link.closed;
  }

  #hear(frame: ReceivedFrame): void {
    switch (frame.type) {
      case "ready":
        this.connections += 1;
        for (const room of this.#places.keys()) this.#subscribe(room);
        break;
      case "subscribed":
      case "ack":
      case "error":
        this.#answered(frame);
        break;
      case "event":
      case "gap":
      case "epoch":
      case "durable":
        this.#told(frame, String(frame["room"]));
        break;
      case "goaway":
        this.#later(Number(frame["afterMs"]), () => this.#link?.cut());
        break;
    }
  }

  #told(frame: ReceivedFrame, room: string): void {
    const { history } = this.#options;
    const about = { client: this.client, room };
    const [seq, epoch] = [Number(frame["seq"]), Number(frame["epoch"])];
    const place = this.place(room);
    if (frame.type === "event") {
      const [id, kind, text] = [String(frame["id"]), String(frame["kind"]), frame["text"]];
      // Without a text: its message was deleted.
      const digest = typeof text === "string" && text !== "" ? digestOf(text) : 0;
      history.add({ type: "received", ...about, seq, epoch, id, kind, digest, at: Number(frame["at"]) });
      place.received(seq, epoch);
      if (kind === "message" && frame["thread"] === undefined) place.newestMessage = seq;
      this.#outbox.seen(id);
      this.#options.onEvent?.(frame as ReceivedFrame & RoomEvent);
    } else if (frame.type === "gap") {
      const [from, to] = [Number(frame["from"]), Number(frame["to"])];
      history.add({ type: "gap", ...about, from, to, reason: String(frame["reason"]) });
      place.moved(to, 0);
    } else if (frame.type === "epoch") {
      history.add({ type: "epoch", ...about, epoch, head: Number(frame["head"]) });
      place.renumbered(epoch, Number(frame["head"]));
    } else if (place.marked(seq)) history.add({ type: "durable", ...about, seq });
  }

  #answered(frame: ReceivedFrame): void {
    const ref = Number(frame["ref"] ?? -1);
    const asked = this.#asked.get(ref);
    this.#asked.delete(ref);
    if (asked === undefined) return;
    const { room, id } = asked;
    const epoch = Number(frame["epoch"]);
    if (frame.type === "error") this.#refused(asked, frame);
    else if (id === null) {
      const head = Number(frame["head"]);
      const recovered = frame["recovered"] === true;
      this.#options.history.add({ type: "subscribed", client: this.client, room, head, epoch, recovered });
      this.#attempts = 0;
      const place = this.place(room);
      place.subscribed(head, epoch);
      const waitMs = place.waitUntil - performance.now();
      if (waitMs > 0) this.#later(waitMs, () => this.#pump());
    } else {
      const answer = { seq: Number(frame["seq"]), epoch, isDuplicate: frame["duplicate"] === true, at: Date.now() };
      this.#options.history.add({ type: "acked", client: this.client, room, id, ...answer });
      this.place(room).acked(answer.seq);
      this.#outbox.answered(id, true);
    }
    this.#pump();
  }

  #refused({ room, id }: { readonly room: string; readonly id: string | null }, frame: ReceivedFrame): void {
    const code = String(frame["code"]);
    const mayRetry = isKnown(code) && isRetryable(code);
    const retryAfterMs = Number(frame["retryAfterMs"] ?? RETRY_MS);
    if (id !== null) {
      const isBare = mayRetry && frame["retryAfterMs"] === undefined;
      this.#options.history.add({ type: "refused", client: this.client, room, id, code, at: Date.now(), isBare });
      const until = performance.now() + retryAfterMs;
      if (this.#outbox.isChange(id)) this.#outbox.holdBack(id, until);
      else this.place(room).waitUntil = until;
      this.#outbox.answered(id, !mayRetry);
      this.#later(retryAfterMs, () => this.#pump());
    } else if (mayRetry) this.#later(retryAfterMs, () => this.#subscribe(room));
  }

  #subscribe(room: string): void {
    const { since } = this.place(room);
    this.#options.history.add({ type: "subscribing", client: this.client, room, since });
    const ref = this.#ask(room, null);
    this.#link?.send({ type: "subscribe", ref, room, ...(since === null ? {} : { since }) });
  }

  #pump(): void {
    const now = performance.now();
    for (const { room, id, frame } of this.#outbox.take(now, (name) => this.place(name).mayPublish(now))) {
      const digest = frame.text === undefined ? 0 : digestOf(frame.text);
      this.#options.history.add({ type: "sent", client: this.client, room, id, digest, at: Date.now() });
      this.#link?.send({ ...frame, ref: this.#ask(room, id), room, id });
    }
  }

  /** Only while this connection lasts. Never early: a timer may fire a fraction of a millisecond before its time. */
  #later(ms: number, act: () => void): void {
    const link = this.#link;
    const timer = setTimeout(() => {
      if (link !== null && link === this.#link) act();
    }, Math.ceil(ms) + 1);
    timer.unref();
  }

  #ask(room: string, id: string | null): number {
    this.#ref += 1;
    this.#asked.set(this.#ref, { room, id });
    return this.#ref;
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
