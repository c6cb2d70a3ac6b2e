/** A piece of work that uses the database alone, and never rejects. */
type Work = () => Promise<void>;

/**
 * One piece of work at a time, for a database that runs on the calling thread. What is urgent comes first, and before each
 * other piece the event loop turns once: what came in meanwhile may be urgent. So somebody's reading delays everybody's
 * messages by one statement, however much of it waits. Bounded by the requests that the process handles at once.
 */
export class Turns {
  readonly #urgent: Work[] = [];
  readonly #others: Work[] = [];
  #isBusy = false;

  run<Result>(work: () => Promise<Result>, isUrgent: boolean): Promise<Result> {
    return new Promise((resolve, reject) => {
      (isUrgent ? this.#urgent : this.#others).push(() => work().then(resolve, reject));
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (;;) {
      if (this.#urgent.length === 0 && this.#others.length > 0) await new Promise((resolve) => setImmediate(resolve));
      const next = this.#urgent.shift() ?? this.#others.shift();
      if (next === undefined) break;
      await next();
    }
    this.#isBusy = false;
  }
}
