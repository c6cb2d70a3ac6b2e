const MS_PER_SECOND = 1_000;
/** Users a second that make a crowd. */
const CROWD = 50;
/** Between batches that are not full: without a crowd, and of a crowd. The longest times that a user waits for others. */
const CALM_MS = 50;
const CROWD_MS = 500;

/** When a batch that is not full may begin. A lone user does not wait; of a crowd two such batches begin in a second. */
export class Gathering {
  #waitMs = CALM_MS;
  #begunAt = Number.NEGATIVE_INFINITY;

  /** `now`: by `performance.now()`. 0: it may begin. */
  msLeft(now: number): number {
    return Math.max(0, this.#begunAt + this.#waitMs - now);
  }

  /** A batch of `users` begins. */
  begin(users: number, now: number): void {
    const isCrowd = users * MS_PER_SECOND >= CROWD * (now - this.#begunAt);
    this.#waitMs = isCrowd ? CROWD_MS : CALM_MS;
    this.#begunAt = now;
  }
}
