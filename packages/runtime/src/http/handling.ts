/** The requests that the handler has, until each is answered. One whose body is still on its way is none of them. */
export class Handling {
  #isFinishing = false;
  #count = 0;
  readonly #waiting: (() => void)[] = [];
  /** Ends a stream each. */
  readonly #stops = new Set<() => void>();

  /** While `work` runs, the end of the process calls `stop`. */
  async whileStoppable(stop: () => void, work: Promise<void>): Promise<void> {
    this.#stops.add(stop);
    if (this.#isFinishing) stop();
    await work.finally(() => this.#stops.delete(stop));
  }

  /** false: too late. */
  begin(): boolean {
    if (this.#isFinishing) return false;
    this.#count += 1;
    return true;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  finish(): Promise<void> {
    this.#isFinishing = true;
    for (const stop of this.#stops) stop();
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
