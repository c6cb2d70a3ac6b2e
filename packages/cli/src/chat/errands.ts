import type { ChatInput } from "./chat-input.ts";

/** Messages whose ack is awaited; at the bound the next line waits for one of them. */
const SLOW_MAX = 200;
/** Lines that wait for their turn; at the bound `isFull`, and a pipe is read no further. */
const WAITING_MAX = 200;

type Errand = Exclude<ChatInput, { kind: "quit" }>;

export interface ErrandEvents {
  take(errand: Errand): Promise<void>;
  failed(error: unknown, errand: Errand): void;
  /** There is room for more. */
  drained(): void;
}

/** What was typed, done one line after the other. The ack of a message is not awaited before the next line. */
export class Errands {
  readonly #events: ErrandEvents;
  readonly #slow = new Set<Promise<void>>();
  #waiting: Errand[] = [];
  #running: Promise<void> | undefined;

  constructor(events: ErrandEvents) {
    this.#events = events;
  }

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_MAX;
  }

  add(errand: Errand): void {
    this.#waiting.push(errand);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Takes back the texts that come next. */
  takeBackTexts(): string[] {
    const next = this.#waiting.findIndex(({ kind }) => kind !== "text");
    return textsOf(this.#waiting.splice(0, next === -1 ? this.#waiting.length : next));
  }

  /** Texts whose turn has not come. */
  get texts(): string[] {
    return textsOf(this.#waiting);
  }

  async finished(): Promise<void> {
    await this.#running;
    await Promise.all(this.#slow);
  }

  async #run(): Promise<void> {
    for (let errand = this.#waiting.shift(); errand !== undefined; errand = this.#waiting.shift()) {
      const taken = errand;
      const done = this.#events.take(taken).catch((error: unknown) => this.#events.failed(error, taken));
      if (taken.kind === "text") await this.#wait(done);
      else await done;
      if (!this.isFull) this.#events.drained();
    }
  }

  async #wait(done: Promise<void>): Promise<void> {
    const slow = done.finally(() => this.#slow.delete(slow));
    this.#slow.add(slow);
    if (this.#slow.size >= SLOW_MAX) await Promise.race(this.#slow);
  }
}

function textsOf(errands: readonly Errand[]): string[] {
  return errands.flatMap((errand) => (errand.kind === "text" ? [errand.text] : []));
}
