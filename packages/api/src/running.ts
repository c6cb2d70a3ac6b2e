import { ProtocolError } from "@hubbub/protocol";

const RETRY_AFTER_MS = 1_000;

/** Counts the requests in progress. */
export class Running {
  readonly #max: number;
  /** Requests above `max` are refused at once. */
  readonly #answers = new Set<Promise<Response>>();

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws ProtocolError overloaded */
  admit(): void {
    if (this.#answers.size <= this.#max) return;
    throw new ProtocolError("overloaded", "too many requests at once", { retryAfterMs: RETRY_AFTER_MS });
  }

  async track(answer: Promise<Response>): Promise<Response> {
    this.#answers.add(answer);
    try {
      return await answer;
    } finally {
      this.#answers.delete(answer);
    }
  }

  async untilNone(): Promise<void> {
    await Promise.allSettled(this.#answers);
  }
}
