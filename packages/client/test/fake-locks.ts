type Work = (lock: object | null) => unknown;

/** Web Locks of one browser: exclusive ones, in the order of the requests, and `ifAvailable`. */
export class FakeLocks {
  readonly #held = new Map<string, Promise<unknown>>();

  async request(name: string, optionsOrWork: { ifAvailable?: boolean } | Work, given?: Work): Promise<unknown> {
    const work = (given ?? optionsOrWork) as Work;
    const { ifAvailable = false } = typeof optionsOrWork === "function" ? {} : optionsOrWork;
    if (ifAvailable && this.#held.has(name)) return work(null);
    const before = this.#held.get(name) ?? Promise.resolve();
    const done = before.then(() => work({ name }));
    const over = done.then(
      () => undefined,
      () => undefined,
    );
    this.#held.set(name, over);
    void over.then(() => this.#held.get(name) === over && this.#held.delete(name));
    return done;
  }

  get names(): string[] {
    return [...this.#held.keys()];
  }
}
