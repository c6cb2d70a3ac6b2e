/** What was typed, done one line after the other. An errand that is `slow` (a publish) does not hold up the next. */
export class Errands {
  readonly #failed: (error: unknown) => void;
  readonly #slow = new Set<Promise<void>>();
  #last: Promise<void> = Promise.resolve();

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(errand: () => Promise<void>, isSlow: boolean): void {
    this.#last = this.#last.then(() => {
      const done = errand().catch(this.#failed);
      if (!isSlow) return done;
      this.#slow.add(done);
      return void done.finally(() => this.#slow.delete(done));
    });
  }

  async finished(): Promise<void> {
    await this.#last;
    await Promise.all(this.#slow);
  }
}
