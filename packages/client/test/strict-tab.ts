import type { ServerFrame } from "@hubbub/protocol";
import type { OpenTransport, Transport } from "../src/transport.ts";
import { ROOM } from "./fake-server.ts";
import type { Entry } from "./model-server.ts";

interface Sent {
  readonly id: string;
  state: "queued" | "sent" | "refused" | "acked";
}

/**
 * A client that repairs nothing: an event out of its place, a second time or after the end of its subscription is a fault.
 * It resumes after a lost connection, and keeps the order of what it sends as the protocol says.
 */
export class StrictTab {
  readonly faults: string[] = [];
  /** What it has of the room. */
  log: Entry[] = [];
  sent: Sent[] = [];
  wants = false;
  isReady = false;
  readonly #name: string;
  readonly #open: OpenTransport;
  readonly #token: string;
  readonly #inFlight = new Map<number, Sent>();
  #transport: Transport | undefined;
  #at: { seq: number; epoch: number } | undefined;
  #subscription: { ref: number; isLive: boolean } | undefined;
  /** Until this is answered, frames belong to a subscription that has ended. */
  #leaving: number | undefined;
  #ref = 0;
  #round = 0;
  #isOver = false;

  constructor(name: string, token: string, open: OpenTransport) {
    this.#name = name;
    this.#token = token;
    this.#open = open;
    this.#connect();
  }

  /** Everything it wanted has come to pass. */
  get isSettled(): boolean {
    return (
      this.#isOver ||
      (this.isReady && (!this.wants || this.#subscription?.isLive === true) && this.#inFlight.size === 0)
    );
  }

  get isLive(): boolean {
    return !this.#isOver && this.#subscription?.isLive === true;
  }

  subscribe(): void {
    if (this.#isOver) return;
    this.wants = true;
    if (this.isReady && this.#subscription === undefined) this.#subscribe();
  }

  unsubscribe(): void {
    if (!this.wants) return;
    this.wants = false;
    if (this.#subscription !== undefined) {
      this.#leaving = ++this.#ref;
      this.#send({ type: "unsubscribe", ref: this.#leaving, room: ROOM });
    }
    this.#subscription = undefined;
  }

  publish(): void {
    this.sent.push({ id: `${this.#name}-${this.sent.length}`, state: "queued" });
    this.flush();
  }

  flush(): void {
    if (!this.isReady || this.sent.some(({ state }) => state === "refused")) return;
    for (const one of this.sent.filter(({ state }) => state === "queued")) {
      one.state = "sent";
      this.#inFlight.set(++this.#ref, one);
      const { id } = one;
      this.#send({ type: "publish", ref: this.#ref, room: ROOM, id, text: id, round: this.#round });
    }
  }

  /** `isSaid`: with a bye; else the tab is gone like a process. */
  close(isSaid: boolean): void {
    this.#isOver = true;
    this.wants = false;
    if (isSaid) this.#send({ type: "bye" });
    else this.#transport?.abort();
  }

  /** As a process that is killed: it neither says nor hears anything more. */
  die(): void {
    this.#isOver = true;
  }

  #connect(): void {
    this.#transport = this.#open("ws://model/ws", "hubbub.v1", {
      opened: () => this.#send({ type: "hello", ref: ++this.#ref, token: this.#token }),
      received: (text) => this.#receive(JSON.parse(text) as ServerFrame),
      closed: (code) => this.#closed(code),
    });
  }

  #closed(code: number): void {
    if (this.#isOver) return;
    if (code >= 4500) this.faults.push(`closed with ${code}`);
    this.isReady = false;
    this.#subscription = undefined;
    this.#leaving = undefined;
    this.#inFlight.clear();
    this.#round = 0;
    for (const one of this.sent) if (one.state !== "acked") one.state = "queued";
    this.#connect();
  }

  #subscribe(): void {
    this.#subscription = { ref: ++this.#ref, isLive: false };
    const since = this.#at === undefined ? {} : { since: this.#at };
    this.#send({ type: "subscribe", ref: this.#ref, room: ROOM, ...since });
  }

  #receive(frame: ServerFrame): void {
    if (this.#isOver) return;
    if (frame.type === "ready") {
      this.isReady = true;
      if (this.wants) this.#subscribe();
      this.flush();
    } else if (frame.type === "ack" || (frame.type === "error" && this.#inFlight.has(frame.ref ?? 0)))
      this.#settle(frame);
    else if (frame.type === "subscribed") this.#subscribed(frame);
    else if (frame.type === "unsubscribed" && frame.ref === this.#leaving) this.#leaving = undefined;
    else if (this.#subscription !== undefined && this.#leaving === undefined) this.#ofRoom(frame);
  }

  #settle(frame: ServerFrame & { ref?: number | undefined }): void {
    const one = this.#inFlight.get(frame.ref ?? 0);
    this.#inFlight.delete(frame.ref ?? 0);
    if (one !== undefined) one.state = frame.type === "ack" ? "acked" : "refused";
    if (this.#inFlight.size > 0) return;
    const isRefused = this.sent.some(({ state }) => state === "refused");
    if (isRefused) this.#round += 1;
    for (const sent of this.sent) if (sent.state === "refused") sent.state = "queued";
    this.flush();
  }

  #subscribed({ ref, head, epoch }: Extract<ServerFrame, { type: "subscribed" }>): void {
    if (ref !== this.#subscription?.ref) return;
    this.#subscription.isLive = true;
    this.#at ??= { seq: head, epoch };
    if (this.#at.seq !== head || this.#at.epoch !== epoch) this.#fault(`at ${this.#at.seq} of ${head}`);
  }

  #ofRoom(frame: ServerFrame): void {
    if (frame.type === "event") {
      // Without a place the first event says where the subscription began.
      this.#at ??= { seq: frame.seq - 1, epoch: frame.epoch };
      if (frame.seq !== this.#at.seq + 1 || frame.epoch !== this.#at.epoch) {
        this.#fault(`event ${frame.seq} of epoch ${frame.epoch} at ${this.#at.seq} of epoch ${this.#at.epoch}`);
      }
      const { seq, epoch, id } = frame;
      this.#at = { seq, epoch };
      this.log.push({ seq, epoch, id });
    }
    if (frame.type === "epoch" && this.#at !== undefined) {
      const seq = Math.min(frame.head, this.#at.seq);
      if (frame.head > this.#at.seq) this.#fault(`epoch above ${frame.head} at ${this.#at.seq}`);
      this.log = this.log.filter((entry) => entry.seq <= seq);
      this.#at = { seq, epoch: frame.epoch };
    }
  }

  #fault(text: string): void {
    this.faults.push(`${this.#name}: ${text}`);
  }

  #send(frame: object): void {
    this.#transport?.send(JSON.stringify(frame));
  }
}
