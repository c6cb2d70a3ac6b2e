import { callOwner } from "./owner.ts";

/** Who hears of one thing. Bounded by their owner. What a listener throws is reported as an uncaught error. */
export class Listeners<News> {
  readonly #all = new Set<(news: News) => void>();

  get isHeard(): boolean {
    return this.#all.size > 0;
  }

  /** Answers how to stop. The same function given twice hears twice. */
  add(listener: (news: News) => void): () => void {
    const own = (news: News) => listener(news);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  tell(news: News): void {
    for (const listener of [...this.#all]) callOwner(() => listener(news));
  }
}
