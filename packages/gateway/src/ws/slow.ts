import { CLOSE } from "@hubbub/protocol";
import type { Background } from "../background.ts";
import { type CatchUpParts, catchUp } from "../rooms/catch-up.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { encodeDurable, SLOW_FRAME } from "./frames.ts";

/**
 * Shares of MAX_BACKPRESSURE_BYTES: from which a connection is slow, below which it may catch up, and what may be
 * published between two looks at everybody.
 *
 * No burst reaches the bound, where uWS would cut without a word. At a look a connection has at most SLOW_SHARE unsent,
 * and what uWS has not written yet in this turn of the event loop: 32 frames below 16 KiB, which is half of the least
 * bound that can be set (1 MiB). Until the next look at most LOOK_SHARE and one frame come. 1/4 + 1/2 + 1/8 leave an
 * eighth for its own answers and for a chunk or two of catch-ups.
 */
const SLOW_SHARE = 1 / 4;
const DRAINED_SHARE = 1 / 16;
const LOOK_SHARE = 1 / 8;

export interface SlowParts extends CatchUpParts {
  readonly connections: Connections;
  readonly background: Background;
}

/**
 * Connections that read more slowly than their rooms speak. Well before uWS would cut one, it loses its topics, is
 * told, and is caught up from where it was once it has drained: no hole, and no memory that grows.
 */
export class SlowConnections {
  readonly #parts: SlowParts;
  readonly #slowBytes: number;
  readonly #drainedBytes: number;
  readonly #lookBytes: number;
  /** Published since the last look. */
  #published = 0;

  constructor(parts: SlowParts) {
    this.#parts = parts;
    const { MAX_BACKPRESSURE_BYTES: most } = parts.settings;
    this.#slowBytes = most * SLOW_SHARE;
    this.#drainedBytes = most * DRAINED_SHARE;
    this.#lookBytes = most * LOOK_SHARE;
  }

  /** To whichever topics: nobody can have got more. */
  published(bytes: number): void {
    this.#published += bytes;
    if (this.#published >= this.#lookBytes) this.check();
  }

  check(): void {
    this.#published = 0;
    for (const connection of this.#parts.connections) {
      if (connection.bufferedBytes <= this.#slowBytes) continue;
      pause(connection);
      if (connection.isSlow) continue;
      connection.isSlow = true;
      connection.send(SLOW_FRAME);
      this.#parts.metrics.fellBehind();
      void this.#parts.background.attempt("catching up", () => this.#recover(connection));
    }
  }

  async #recover(connection: Connection): Promise<void> {
    let isDone = false;
    try {
      isDone = (await this.#drained(connection)) && (await this.#catchUp(connection));
    } finally {
      if (!isDone) connection.close(CLOSE.slow, "slow");
    }
  }

  async #drained(connection: Connection): Promise<boolean> {
    const deadline = performance.now() + this.#parts.settings.SLOW_DEADLINE_MS;
    while (connection.bufferedBytes > this.#drainedBytes) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !(await connection.drained(leftMs))) return false;
    }
    return true;
  }

  /**
   * Room by room. One that was caught up may be paused again while others are; with the last of them, in the same step,
   * the connection is slow no more, so that whatever is paused later begins anew.
   */
  async #catchUp(connection: Connection): Promise<boolean> {
    for (let paused = nextPaused(connection); paused !== undefined; paused = nextPaused(connection)) {
      const { subscription, live } = paused;
      const outcome = await catchUp(this.#parts, { connection, subscription, live }, subscription.seen, () => {
        if (live.mark > 0) connection.send(encodeDurable(live.id, live.mark));
      });
      if (outcome.state === "stalled") return false;
    }
    connection.isSlow = false;
    return true;
  }
}

/** It loses its topics, and is to be caught up from what was published last. */
function pause(connection: Connection): void {
  for (const subscription of connection.subscriptions.values()) {
    const { live, state } = subscription;
    if (live === null || state !== "live") continue;
    connection.removeTopic(live.id);
    subscription.state = "paused";
    subscription.seen = { seq: live.left, epoch: live.toldEpoch };
  }
}

function nextPaused(connection: Connection) {
  for (const subscription of connection.subscriptions.values()) {
    const { live, state } = subscription;
    if (live !== null && state === "paused") return { subscription, live };
  }
  return undefined;
}
