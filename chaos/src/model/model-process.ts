import type { Chance } from "./chance.ts";

export interface ProcessOptions {
  readonly name: string;
  readonly chance: Chance;
  /** The longest one way of a call. */
  readonly latencyMs: number;
}

/**
 * A process as others know it: what it sends arrives some time later, and nothing does once it is dead. What it computes
 * takes no time; a stopped one neither sends nor receives until it goes on.
 */
export class ModelProcess {
  readonly name: string;
  readonly chance: Chance;
  readonly #latencyMs: number;
  isAlive = true;
  #stoppedUntil = 0;

  constructor({ name, chance, latencyMs }: ProcessOptions) {
    this.name = name;
    this.chance = chance;
    this.#latencyMs = latencyMs;
  }

  kill(): void {
    this.isAlive = false;
  }

  stop(ms: number): void {
    this.#stoppedUntil = performance.now() + ms;
  }

  /** One way over the network. Never resolves for a process that has died meanwhile. */
  async travel(): Promise<void> {
    const ms = this.chance.between(0.1, this.#latencyMs);
    await new Promise<void>((resolve) => {
      const arrive = () => {
        if (!this.isAlive) return;
        const stoppedMs = this.#stoppedUntil - performance.now();
        if (stoppedMs > 0) setTimeout(arrive, stoppedMs);
        else resolve();
      };
      setTimeout(arrive, ms);
    });
  }
}
