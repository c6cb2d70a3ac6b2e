import { setTimeout as sleep } from "node:timers/promises";

/** The delay of a rate-limit refusal: a client that retries in a loop makes few requests, whatever a refusal costs. */
const HELD_MS = 250;
/** Refusals that wait at once. Refusals beyond this are answered without a delay. */
const HELD_MAX = 1_000;

/** Delays rate-limit refusals. */
export class HeldRefusals {
  #count = 0;

  async hold(): Promise<void> {
    if (this.#count >= HELD_MAX) return;
    this.#count += 1;
    await sleep(HELD_MS);
    this.#count -= 1;
  }
}
