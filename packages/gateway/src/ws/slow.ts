import { CLOSE } from "@hubbub/protocol";
import type { Background } from "../background.ts";
import { catchUp } from "../rooms/catch-up.ts";
import type { Connection } from "./connection.ts";
import { encodeDurable, SLOW_FRAME } from "./frames.ts";
import type { Parts } from "./parts.ts";

/** Shares of MAX_BACKPRESSURE_BYTES: from which a connection is slow, and below which it may catch up. */
const SLOW_SHARE = 1 / 4;
const DRAINED_SHARE = 1 / 16;

/**
 * Connections that read more slowly than their rooms speak. Well before uWS would cut one, it loses its topics, is
 * told, and is caught up from where it was once it has drained: no hole, and no memory that grows.
 */
export class SlowConnections {
  readonly #parts: Parts & { readonly background: Background };
  readonly #slowBytes: number;
  readonly #drainedBytes: number;

  constructor(parts: Parts & { readonly background: Background }) {
    this.#parts = parts;
    this.#slowBytes = parts.settings.MAX_BACKPRESSURE_BYTES * SLOW_SHARE;
    this.#drainedBytes = parts.settings.MAX_BACKPRESSURE_BYTES * DRAINED_SHARE;
  }

  check(): void {
    for (const connection of this.#parts.connections) {
      if (connection.isSlow || connection.bufferedBytes <= this.#slowBytes) continue;
      this.#pause(connection);
      void this.#parts.background.attempt("catching up", () => this.#recover(connection));
    }
  }

  #pause(connection: Connection): void {
    connection.isSlow = true;
    this.#parts.metrics.fellBehind();
    for (const subscription of connection.subscriptions.values()) {
      const { live, state } = subscription;
      if (live === null || state !== "live") continue;
      // What is gathered goes out to this connection too: it counts as seen.
      live.flush();
      connection.removeTopic(live.id);
      subscription.state = "paused";
      subscription.seen = { seq: live.last, epoch: live.epoch };
    }
    connection.send(SLOW_FRAME);
  }

  async #recover(connection: Connection): Promise<void> {
    let isDone = false;
    try {
      isDone = (await this.#drained(connection)) && (await this.#catchUp(connection));
    } finally {
      connection.isSlow = false;
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

  async #catchUp(connection: Connection): Promise<boolean> {
    for (const subscription of connection.subscriptions.values()) {
      const { live, state, seen } = subscription;
      if (live === null || state !== "paused") continue;
      const outcome = await catchUp(this.#parts, { connection, subscription, live }, seen, () => {
        if (live.mark > 0) connection.send(encodeDurable(live.id, live.mark));
      });
      if (outcome.state === "stalled") return false;
    }
    return true;
  }
}
