import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connections/connection.ts";
import { handOver } from "./connections/hand-over.ts";
import type { ConnectionRegistry } from "./connections/registry.ts";

/** A rebalance asks so many connections a second to move: the gateways that take them have clients of their own. */
const MOVES_PER_SECOND = 200;
const MOVE_MIN_MS = 1_000;
const MOVE_MAX_MS = 60_000;
/** The last clients that were told have connected elsewhere by then. */
const SETTLED_MS = 1_000;

/** Makes connections leave at the wish of an operator, while the gateway keeps running. */
export class Departures {
  readonly #connections: ConnectionRegistry;
  #isSuspended = false;
  #isMoving = false;
  /** Of the move in progress. */
  #leaving: readonly Connection[] = [];

  constructor(connections: ConnectionRegistry) {
    this.#connections = connections;
  }

  /** New connections go elsewhere. During a move too: a front may lead clients back here by a cookie. */
  get refusesNew(): boolean {
    return this.#isSuspended || this.#isMoving;
  }

  /** Connections of the move in progress that are still open. */
  get moving(): number {
    return this.#leaving.filter(({ isOpen }) => isOpen).length;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Hands all connections over in this time, and takes none until `resume`. Ends early at the signal. */
  async suspend(windowMs: number, signal: AbortSignal): Promise<void> {
    this.#isSuspended = true;
    await handOver(this.#connections, windowMs, signal);
  }

  resume(): void {
    this.#isSuspended = false;
  }

  /** Hands so many connections over, and takes none meanwhile. A second call during the first does nothing. */
  async move(count: number, signal: AbortSignal): Promise<void> {
    if (this.#isMoving || count <= 0) return;
    this.#isMoving = true;
    this.#leaving = spreadOver([...this.#connections], count);
    try {
      await handOver(this.#leaving, moveMs(count), signal);
      await delay(SETTLED_MS, undefined, { signal, ref: false }).catch(() => undefined);
    } finally {
      this.#isMoving = false;
      this.#leaving = [];
    }
  }
}

/** How long a move takes: at an even pace, and never longer than a minute. */
export function moveMs(count: number): number {
  return Math.min(MOVE_MAX_MS, Math.max(MOVE_MIN_MS, (count * 1_000) / MOVES_PER_SECOND));
}

/** So many of them, from the oldest to the newest in equal steps. */
export function spreadOver<Item>(all: readonly Item[], count: number): Item[] {
  if (count >= all.length) return [...all];
  return Array.from({ length: Math.max(0, count) }, (_, at) => all[Math.floor((at * all.length) / count)] as Item);
}
