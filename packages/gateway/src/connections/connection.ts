import type { WebSocket } from "uWebSockets.js";
import type { CloseCode, RoomId } from "@hubbub/protocol";
import { TokenBucket } from "@hubbub/runtime";
import type { GatewaySettings } from "../config.ts";
import type { Flusher } from "./flusher.ts";
import type { FrameQueue } from "./frame-queue.ts";
import type { Identity } from "./identity.ts";
import type { RoomQueue } from "./room-queue.ts";
import type { Subscription } from "./subscription.ts";

/** What uWS keeps with its WebSocket. */
export interface UserData {
  readonly connection: Connection;
}

/** See the settings; the same object for all connections. */
type Rates = Pick<GatewaySettings, "FRAMES_PER_SECOND" | "PUBLISHES_PER_SECOND">;

/** Shared empty outbox of all connections that have nothing to send; must not be mutated. */
const NOTHING: string[] = [];

/**
 * One WebSocket from open to close. The uWS object is released at close, so late calls are no-ops.
 *
 * `send` gathers: frames of one turn of the microtask queue leave under one cork, in order. Frames that may wait longer
 * (`sendWith`) leave with the next flush of the gateway.
 */
export class Connection {
  readonly id: string;
  readonly address: string;
  /** Monotonic ms, whole. */
  readonly openedAt: number;
  /** By room; bounded by SUBSCRIPTIONS_PER_CONNECTION. */
  readonly subscriptions = new Map<RoomId, Subscription>();
  readonly frames: TokenBucket;
  /** Frames that wait for the one in progress; null: none is in progress. Bounded by the dispatcher. */
  queue: FrameQueue | null = null;
  /** Subscribes and unsubscribes under way, by room; null: none. Bounded by the subscriptions. */
  roomQueues: Map<RoomId, RoomQueue> | null = null;
  identity: Identity | null = null;
  badFrames = 0;
  /** The highest round of which an event was refused, -1: none; and the lowest `ref` that was refused of that round. */
  #refusedRound = -1;
  #refusedRef = 0;
  /** Had too many refusals: its frames are ignored, and it will be closed. */
  isShutOut = false;
  /** Created at the first rate-limited frame. */
  refusals: TokenBucket | null = null;
  /** Fell behind: its subscriptions are paused until it has caught up. */
  isSlow = false;
  /** Publishes that wait for their ack. */
  inflight = 0;
  /** Typing signals under way. */
  signals = 0;
  readonly #rates: Rates;
  /** Created at the first publish: most connections only listen. */
  #publishes: TokenBucket | null = null;
  #ws: WebSocket<UserData> | null = null;
  #outbox: string[] = NOTHING;
  #leavesSoon = false;
  #hasOwnTopic = false;
  /** Bounded by the subscriptions. */
  #drainWaiters: (() => void)[] | null = null;

  constructor(id: string, address: string, rates: Rates, now: number) {
    this.id = id;
    this.address = address;
    this.openedAt = Math.floor(now);
    this.frames = new TokenBucket(rates.FRAMES_PER_SECOND, now);
    this.#rates = rates;
  }

  get publishes(): TokenBucket {
    this.#publishes ??= new TokenBucket(this.#rates.PUBLISHES_PER_SECOND, performance.now());
    return this.#publishes;
  }

  get isOpen(): boolean {
    return this.#ws !== null;
  }

  attach(ws: WebSocket<UserData>): void {
    this.#ws = ws;
  }

  /** uWS has closed: `ws` must not be touched from here on. */
  detach(): void {
    this.#ws = null;
    this.#outbox = NOTHING;
    this.wakeDrained();
  }

  /** Whether an event of this round that was sent before this one was refused. */
  isHeldBack(round: number | undefined, ref: number): boolean {
    if (round === undefined) return false;
    return round < this.#refusedRound || (round === this.#refusedRound && ref > this.#refusedRef);
  }

  /** The sender will send the refused event again. Events that it sent before it knew of the refusal must not overtake that one. */
  holdBack({ round, ref }: { readonly round?: number | undefined; readonly ref: number }): void {
    if (round === undefined || round < this.#refusedRound) return;
    this.#refusedRef = round === this.#refusedRound ? Math.min(this.#refusedRef, ref) : ref;
    this.#refusedRound = round;
  }

  send(text: string): void {
    if (this.#ws === null) return;
    this.#put(text);
    if (this.#leavesSoon) return;
    this.#leavesSoon = true;
    queueMicrotask(() => this.flush());
  }

  /** With the next flush of the gateway while it is busy, else as `send`. */
  sendWith(flusher: Flusher, text: string): void {
    if (!flusher.isHot) {
      this.send(text);
      return;
    }
    if (this.#ws === null) return;
    this.#put(text);
    if (this.#outbox.length === 1) flusher.addConnection(this);
  }

  /** At once and under one cork, after everything sent before. */
  sendAll(frames: readonly (Buffer | string)[]): void {
    this.flush();
    this.#write(frames);
  }

  /** From now on the topic's frames arrive, after everything sent before. */
  addTopic(topic: string): void {
    this.flush();
    this.#ws?.subscribe(topic);
  }

  removeTopic(topic: string): void {
    this.#ws?.unsubscribe(topic);
  }

  /** Unsent bytes. Up to 16 KB in the cork and what the topics still hold are not in it. */
  get bufferedBytes(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  /** true: uWS can write again, or the connection closed. false: `ms` have passed, and the caller must close the connection. */
  drained(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#drainWaiters ??= [];
      this.#drainWaiters.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  wakeDrained(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = null;
    for (const woken of waiters ?? []) woken();
  }

  /** Sends what is left and the close frame; `detach` has happened when this returns. */
  close(code: CloseCode, reason: string): void {
    this.flush();
    this.#ws?.end(code, reason);
  }

  #put(text: string): void {
    if (this.#outbox === NOTHING) this.#outbox = [text];
    else this.#outbox.push(text);
  }

  /**
   * As `flush`, but by a topic that only this connection has, named by its id. uWS writes the frames of all topics of a
   * connection in one system call, and a frame that is sent directly in another one.
   */
  flushAmongTopics(publish: (topic: string, frame: string) => void): void {
    const texts = this.#outbox;
    if (this.#ws === null || texts.length === 0) return;
    this.#outbox = NOTHING;
    if (!this.#hasOwnTopic) this.#hasOwnTopic = this.#ws.subscribe(this.id);
    for (const text of texts) publish(this.id, text);
  }

  flush(): void {
    this.#leavesSoon = false;
    const texts = this.#outbox;
    if (texts.length === 0) return;
    this.#outbox = NOTHING;
    this.#write(texts);
  }

  #write(frames: readonly (Buffer | string)[]): void {
    const ws = this.#ws;
    ws?.cork(() => {
      for (const frame of frames) ws.send(frame);
    });
  }
}
