import type { Socket } from "node:net";

/** What happens to the bytes that go one way. */
export interface Conditions {
  /** Nothing passes and nothing is lost: what was sent waits, as on a network that is down for a while. */
  isHeld: boolean;
  delayMs: number;
  /** Infinity: as fast as it comes. */
  bytesPerSecond: number;
}

/** Bytes under way in one direction of one connection. At the bound the source is not read: it feels the back-pressure. */
const UNDER_WAY_MAX_BYTES = 262_144;

/** One direction of one connection: bytes leave in their order, when the conditions let them. */
export class Pipe {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #conditions: Readonly<Conditions>;
  readonly #queue: { readonly chunk: Buffer; readonly dueAt: number }[] = [];
  #queuedBytes = 0;
  #lastDueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** How the source ended, told to the sink behind the last byte. */
  #ending: "end" | "reset" | null = null;

  constructor(source: Socket, sink: Socket, conditions: Readonly<Conditions>) {
    this.#source = source;
    this.#sink = sink;
    this.#conditions = conditions;
    source.on("data", (chunk: Buffer) => this.#take(chunk));
    source.on("end", () => this.#finish("end"));
    source.on("close", () => this.#finish("reset"));
    sink.on("drain", () => this.changed());
  }

  /** The conditions may be others now. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#release();
  }

  #take(chunk: Buffer): void {
    const { delayMs, bytesPerSecond } = this.#conditions;
    const now = performance.now();
    const sentAt = Math.max(now, this.#lastDueAt - delayMs) + (chunk.length * 1_000) / bytesPerSecond;
    this.#lastDueAt = sentAt + delayMs;
    this.#queue.push({ chunk, dueAt: this.#lastDueAt });
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= UNDER_WAY_MAX_BYTES) this.#source.pause();
    if (this.#timer === undefined) this.#release();
  }

  #finish(how: "end" | "reset"): void {
    if (this.#ending !== "reset") this.#ending = how;
    if (this.#timer === undefined) this.#release();
  }

  #release(): void {
    if (this.#conditions.isHeld || this.#sink.destroyed) return;
    const { delayMs, bytesPerSecond } = this.#conditions;
    // Healed: what still waits for its turn leaves at once.
    if (delayMs === 0 && bytesPerSecond === Number.POSITIVE_INFINITY) this.#lastDueAt = 0;
    const now = this.#lastDueAt === 0 ? Number.POSITIVE_INFINITY : performance.now();
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#sink.writableNeedDrain) return;
      if (first.dueAt > now) {
        this.#timer = setTimeout(() => this.changed(), first.dueAt - now);
        return;
      }
      this.#queue.shift();
      this.#queuedBytes -= first.chunk.length;
      this.#sink.write(first.chunk);
    }
    if (this.#source.isPaused() && !this.#source.destroyed) this.#source.resume();
    if (this.#ending === "end") this.#sink.end();
    else if (this.#ending === "reset") this.#sink.destroySoon();
  }
}
