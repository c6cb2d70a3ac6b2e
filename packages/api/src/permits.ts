import { ProtocolError } from "@hubbub/protocol";

/** A full queue of hashes is worked off in about this. */
const RETRY_AFTER_MS = 5_000;

/**
 * At most `size` pieces of work at once; at most `queueMax` more wait, in order; further ones are refused with
 * `overloaded`. A permit belongs to the work and not to whoever asked: a client that hangs up frees nothing that
 * still runs. Work whose asker left while it waited is not begun.
 */
export class Permits {
  readonly #queueMax: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number, queueMax: number) {
    this.#free = size;
    this.#queueMax = queueMax;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    await this.#take();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#giveBack();
    }
  }

  #take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#queueMax) {
      throw new ProtocolError("overloaded", "too many passwords wait to be checked", { retryAfterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Straight to the next in line, so that nobody overtakes. */
  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
