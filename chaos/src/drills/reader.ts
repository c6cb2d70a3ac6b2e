import { setTimeout as sleep } from "node:timers/promises";
import type { Person } from "@hubbub/testkit";

const paceMs = 200;

/** Reads pages of history with the states of their messages, room after room. During a fault some of them fail. */
export class Reader implements AsyncDisposable {
  readonly #members: readonly (readonly [room: string, person: Person])[];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  isPaused = true;
  pages = 0;

  constructor(members: ReadonlyMap<string, Person>) {
    this.#members = [...members];
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let turn = 0; !signal.aborted; turn += 1) {
      await sleep(paceMs, undefined, { signal }).catch(() => undefined);
      const member = this.#members[turn % this.#members.length];
      if (this.isPaused || member === undefined) continue;
      const [room, person] = member;
      await person.history(room, "limit=50").then(
        () => {
          this.pages += 1;
        },
        () => undefined,
      );
    }
  }
}
