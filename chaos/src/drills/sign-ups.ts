import { setTimeout as sleep } from "node:timers/promises";
import type { Tokens } from "@hubbub/protocol";

const paceMs = 100;
/** One that gets no answer was not answered: it may exist or not. */
const answerMs = 2_000;

/** Makes accounts one behind the other, and remembers those that were answered. */
export class SignUps implements AsyncDisposable {
  readonly #url: string;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** Bounded by the length of the fault. */
  readonly #made = new Set<string>();

  constructor(url: string) {
    this.#url = url;
    this.#running = this.#run();
  }

  get count(): number {
    return this.#made.size;
  }

  /** Of the accounts that were answered, how many are not in the rows. */
  lostOf(stored: ReadonlySet<string>): number {
    return [...this.#made].filter((id) => !stored.has(id)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const made = await this.#make().catch(() => null);
      if (made !== null) this.#made.add(made);
      await sleep(paceMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** null: refused */
  async #make(): Promise<string | null> {
    const answer = await fetch(`${this.#url}/api/v1/auth/guest`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(answerMs),
    });
    return answer.ok ? ((await answer.json()) as Tokens).user.id : null;
  }
}
