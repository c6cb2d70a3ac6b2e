import type { BrokerListener } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import type { ModelLog } from "./model-log.ts";
import type { ModelProcess } from "./model-process.ts";

/** How long a connection that was lost takes to come back, at most. */
const RECONNECT_MS = 60;

type Misfortune = "lose" | "double" | "delay";

/** One process' subscriptions: in order and whole, but for what is done to them on purpose. */
export class Deliveries {
  readonly #process: ModelProcess;
  readonly #rooms = new Map<RoomId, number>();
  /** What becomes of the next frames, the first one first. */
  readonly #misfortunes: { readonly what: Misfortune; readonly ms: number }[] = [];
  #listener: BrokerListener | undefined;
  #isConnected = true;
  #lastDue = 0;

  constructor(log: ModelLog, process: ModelProcess) {
    this.#process = process;
    log.listen({
      heard: (room, frame) => this.#heard(room, frame),
      lost: () => {
        this.#isConnected = false;
      },
      back: () => setTimeout(() => this.#reconnect(), process.chance.between(1, RECONNECT_MS)),
    });
  }

  listen(listener: BrokerListener): void {
    this.#listener = listener;
  }

  subscribe(room: RoomId): void {
    this.#rooms.set(room, (this.#rooms.get(room) ?? 0) + 1);
  }

  unsubscribe(room: RoomId): void {
    const left = (this.#rooms.get(room) ?? 1) - 1;
    if (left > 0) this.#rooms.set(room, left);
    else this.#rooms.delete(room);
  }

  /** The next `count` frames have bad luck. */
  meet(what: Misfortune, count: number, ms: number): void {
    for (let left = count; left > 0; left -= 1) this.#misfortunes.push({ what, ms });
  }

  /** The connection breaks, without a word to anybody until it is back. */
  cut(): void {
    this.#isConnected = false;
    setTimeout(() => this.#reconnect(), this.#process.chance.between(1, RECONNECT_MS));
  }

  #reconnect(): void {
    this.#isConnected = true;
    if (this.#process.isAlive) this.#listener?.interrupted();
  }

  #heard(room: RoomId, frame: Buffer): void {
    if (!this.#isConnected || !this.#process.isAlive || !this.#rooms.has(room)) return;
    const misfortune = this.#misfortunes.shift();
    if (misfortune?.what === "lose") return;
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#process.chance.between(0.1, 4));
    const inMs = this.#lastDue - performance.now();
    if (misfortune?.what !== "delay") this.#deliver(room, frame, inMs);
    if (misfortune !== undefined) this.#deliver(room, frame, inMs + misfortune.ms);
  }

  #deliver(room: RoomId, frame: Buffer, inMs: number): void {
    setTimeout(() => {
      if (this.#process.isAlive && this.#rooms.has(room)) this.#listener?.deliver(room, frame);
    }, inMs);
  }
}
