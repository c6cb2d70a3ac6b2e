import { setTimeout as sleep } from "node:timers/promises";
import { type Usage, usageBetween } from "../measure/usage.ts";
import type { ReconnectTimes } from "./storm-plan.ts";

const HALF = 0.5;
const MOST = 0.99;
const POLL_MS = 5;

/** Counts the clients that are live again, and reads the CPU time when 99 % of them are. */
export class Comeback {
  readonly #clients: number;
  readonly #read: () => Usage;
  readonly #times: number[] = [];
  #start: Usage | null = null;
  #end: Usage | null = null;

  constructor(clients: number, read: () => Usage) {
    this.#clients = clients;
    this.#read = read;
  }

  start(): void {
    this.#start = this.#read();
  }

  add(): void {
    this.#times.push(performance.now() - (this.#start?.at ?? 0));
    if (this.#times.length === this.#needed(MOST)) this.#end = this.#read();
  }

  async most(deadlineMs: number): Promise<void> {
    await this.#reached(MOST, deadlineMs);
    this.#end ??= this.#read();
  }

  all(deadlineMs: number): Promise<void> {
    return this.#reached(1, deadlineMs);
  }

  get times(): Omit<ReconnectTimes, "cpu"> {
    const at = (share: number): number | null => this.#times[this.#needed(share) - 1] ?? null;
    return { resumed: this.#times.length, halfMs: at(HALF), mostMs: at(MOST), allMs: at(1) };
  }

  get usage(): ReturnType<typeof usageBetween> {
    if (this.#start === null || this.#end === null) throw new Error("the storm is not over");
    return usageBetween(this.#start, this.#end);
  }

  #needed(share: number): number {
    return Math.ceil(this.#clients * share);
  }

  async #reached(share: number, deadlineMs: number): Promise<void> {
    const deadline = (this.#start?.at ?? 0) + deadlineMs;
    while (this.#times.length < this.#needed(share) && performance.now() < deadline) await sleep(POLL_MS);
  }
}
