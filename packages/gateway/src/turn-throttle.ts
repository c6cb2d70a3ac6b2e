/**
 * Work of a crowd takes turns: between two turns of the event loop only so many pieces are done, so that live connections
 * wait for a few milliseconds and not for the whole crowd.
 */
export class TurnThrottle {
  readonly #perTurn: number;
  #taken = 0;
  #isCounting = false;
  /** In their order; bounded by the connections that wait, each for a piece or two. */
  readonly #waiting: (() => void)[] = [];

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Until one more piece may be done. */
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
