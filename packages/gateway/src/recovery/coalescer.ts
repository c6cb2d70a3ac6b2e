interface Calls<Answer> {
  readonly running: Promise<Answer>;
  next: Promise<Answer> | null;
}

/**
 * Runs at most one call per key. Callers that come during a call share the next one: no answer is older than its request,
 * and a crowd costs two calls.
 */
export class Coalescer<Key, Answer> {
  readonly #call: (key: Key) => Promise<Answer>;
  /** Keys with a running call. */
  readonly #calls = new Map<Key, Calls<Answer>>();

  constructor(call: (key: Key) => Promise<Answer>) {
    this.#call = call;
  }

  ask(key: Key): Promise<Answer> {
    const calls = this.#calls.get(key);
    if (calls === undefined) return this.#begin(key);
    const begin = () => this.#begin(key);
    calls.next ??= calls.running.then(begin, begin);
    return calls.next;
  }

  #begin(key: Key): Promise<Answer> {
    const calls: Calls<Answer> = { running: this.#call(key), next: null };
    this.#calls.set(key, calls);
    const end = () => {
      if (calls.next === null) this.#calls.delete(key);
    };
    calls.running.then(end, end);
    return calls.running;
  }
}
