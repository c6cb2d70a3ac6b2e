export interface SemaphoreOptions {
  readonly permits: number;
  /** Calls that may wait for a permit. */
  readonly queueMax: number;
  /** The error of a call that finds the queue full. */
  readonly full: () => Error;
}

/** Bounds concurrent work. Calls beyond the permits wait in order; calls beyond the queue fail at once. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: SemaphoreOptions) {
    this.#options = options;
  }

  /** @throws the error of `full` when the queue is full */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#acquire();
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #acquire(): Promise<void> {
    const { permits, queueMax, full } = this.#options;
    if (this.#running < permits) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= queueMax) throw full();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the permit to the next waiting call, so that no call overtakes it. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
