/** A piece of work that uses the database alone, and never rejects. */
type Work = () => Promise<void>;

/**
 * One piece of work at a time, for a database that runs on the calling thread. Urgent work comes first. Before each
 * other piece the event loop turns once, because urgent work may have arrived meanwhile. So reads delay messages by one
 * statement at most, however many reads wait. Bounded by the requests that the process handles at once.
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
