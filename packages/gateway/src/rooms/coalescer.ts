interface Round<Answer> {
  readonly now: Promise<Answer>;
  next: Promise<Answer> | null;
}

/**
 * One question at a time for each key. A caller that asks while one is on its way gets the answer of the next one, which all
 * of them share: no answer is older than its asking, and a crowd costs two questions.
 */
export class Rounds<Key, Answer> {
  readonly #ask: (key: Key) => Promise<Answer>;
  /** Only while something is asked. */
  readonly #rounds = new Map<Key, Round<Answer>>();

  constructor(ask: (key: Key) => Promise<Answer>) {
    this.#ask = ask;
  }

  ask(key: Key): Promise<Answer> {
    const round = this.#rounds.get(key);
    if (round === undefined) return this.#begin(key);
    const begin = () => this.#begin(key);
    round.next ??= round.now.then(begin, begin);
    return round.next;
  }

  #begin(key: Key): Promise<Answer> {
    const round: Round<Answer> = { now: this.#ask(key), next: null };
    this.#rounds.set(key, round);
    const end = () => {
      if (round.next === null) this.#rounds.delete(key);
    };
    round.now.then(end, end);
    return round.now;
  }
}
