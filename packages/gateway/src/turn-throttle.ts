/**
 * Limits the pieces of work that run in one turn of the event loop, so that live connections wait a few milliseconds for a
 * crowd and not until all of its work is done.
 */
export class TurnThrottle {
  readonly #perTurn: number;
  #taken = 0;
  #isCounting = false;
  /** First in, first out. Bounded by the waiting connections, each with one or two pieces. */
  readonly #waiting: (() => void)[] = [];

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Resolves when one more piece may run. */
  turn(): Promise<void> {
    this.#count();
    if (this.#taken < this.#perTurn) {
      this.#taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#isCounting = false;
    const next = this.#waiting.splice(0, this.#perTurn);
    this.#taken = next.length;
    if (next.length > 0) this.#count();
    for (const resolve of next) resolve();
  }
}
