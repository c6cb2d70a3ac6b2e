import { ProtocolError } from "@hubbub/protocol";

/** Those who are turned away come back spread over this, from once to twice. */
const RETRY_AFTER_MS = 1_000;

export interface LineOptions {
  readonly atOnce: number;
  readonly waitingMax: number;
  /** The answer when the line is full. */
  readonly full: string;
}

/** At most `atOnce` pieces of work at once; `waitingMax` more wait in line, and further ones are refused as overloaded. */
export class Line {
  readonly #options: LineOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** @throws ProtocolError overloaded */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#giveBack();
    }
  }

  #take(): Promise<void> {
    const { atOnce, waitingMax, full } = this.#options;
    if (this.#running < atOnce) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= waitingMax) {
      throw new ProtocolError("overloaded", full, { retryAfterMs: spread(RETRY_AFTER_MS) });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Straight to the next in line, so that nobody overtakes. */
  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** From once to twice as long: those who are turned away together do not come back together. */
export function spread(ms: number): number {
  return Math.round(ms * (1 + Math.random()));
}
