import type { Place } from "./cursor.ts";
import { Deferred } from "./deferred.ts";

/** Events behind the first one that waits for its answer. */
const OPEN_MAX = 100;

interface Open {
  readonly place: Place;
  isDone: boolean;
}

/** Events whose answers are on their way, in order. A place is kept when everything up to it is answered. */
export class Unanswered {
  readonly #keep: (place: Place) => Promise<void>;
  readonly #open: Open[] = [];
  readonly #failed = new Deferred<never>();
  #changed = new Deferred<void>();

  constructor(keep: (place: Place) => Promise<void>) {
    this.#keep = keep;
  }

  /** `answer` undefined: it needs none. Waits while too many are open. @throws what an answer failed with, also an earlier one */
  async add(place: Place, answer: Promise<void> | undefined): Promise<void> {
    const open: Open = { place, isDone: answer === undefined };
    this.#open.push(open);
    if (answer === undefined) this.#advance();
    else this.#watch(open, answer);
    while (this.#open.length >= OPEN_MAX) await Promise.race([this.#failed.promise, this.#changed.promise]);
  }

  /** Rejects when an answer fails for good. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  #watch(open: Open, answer: Promise<void>): void {
    answer.then(() => {
      open.isDone = true;
      this.#advance();
    }, this.#failed.reject);
  }

  #advance(): void {
    let last: Open | undefined;
    while (this.#open[0]?.isDone === true) last = this.#open.shift();
    if (last === undefined) return;
    this.#keep(last.place).catch(this.#failed.reject);
    this.#changed.resolve();
    this.#changed = new Deferred();
  }
}
