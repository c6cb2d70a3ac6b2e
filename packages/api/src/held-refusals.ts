import { setTimeout as sleep } from "node:timers/promises";

/** How late a refusal for a rate is answered: a loop that ignores it makes few requests, whatever it costs to refuse one. */
const HELD_MS = 250;
/** Refusals that wait; further ones are answered at once. */
const HELD_MAX = 1_000;

/** Refusals for a rate, each held for a while before it is answered. */
export class HeldRefusals {
  #count = 0;

  async hold(): Promise<void> {
    if (this.#count >= HELD_MAX) return;
    this.#count += 1;
    await sleep(HELD_MS);
    this.#count -= 1;
  }
}
