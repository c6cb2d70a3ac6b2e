/** Runs the work of each key (a user) in turn. Bounded by the requests that the api answers at once. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<Answer>(key: string, work: () => Promise<Answer>): Promise<Answer> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
