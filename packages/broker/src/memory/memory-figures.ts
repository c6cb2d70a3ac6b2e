import type { Figures } from "../roles/figures.ts";

/** Questions whose answers are kept. */
const QUESTIONS_MAX = 64;

/** One process, one node. */
export class MemoryFigures implements Figures {
  /** Bounded by the nodes of this process. */
  readonly #told = new Map<string, { readonly text: string; readonly at: number }>();
  /** By question and node; beyond the bound the oldest goes. */
  readonly #answers = new Map<string, string>();

  async tell(node: string, text: string): Promise<void> {
    this.#told.set(node, { text, at: performance.now() });
  }

  async told(): Promise<readonly { readonly text: string; readonly agoMs: number }[]> {
    return [...this.#told.values()].map(({ text, at }) => ({ text, agoMs: performance.now() - at }));
  }

  async drop(node: string): Promise<void> {
    this.#told.delete(node);
  }

  async answer(question: string, node: string, text: string): Promise<void> {
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined && this.#answers.size >= QUESTIONS_MAX) this.#answers.delete(oldest);
    this.#answers.set(`${question} ${node}`, text);
  }

  async answers(question: string, nodes: readonly string[]): Promise<readonly (string | null)[]> {
    return nodes.map((node) => this.#answers.get(`${question} ${node}`) ?? null);
  }
}
