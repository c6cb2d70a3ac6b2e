import { CLOSE, encodeDurable } from "@hubbub/protocol";
import type { Background } from "../background.ts";
import type { Connection } from "../connections/connection.ts";
import { SLOW_FRAME } from "../connections/frames.ts";
import type { ConnectionRegistry } from "../connections/registry.ts";
import { type CatchUpContext, catchUp } from "./catch-up.ts";
import type { LiveRoom } from "./live-room.ts";

/**
 * Shares of MAX_BACKPRESSURE_BYTES: from which a connection is slow, below which it may catch up, and what may be
 * published between two checks. `slow-checks.test.ts` shows that no burst reaches the bound.
 */
export const SLOW_SHARE = 1 / 4;
const DRAINED_SHARE = 1 / 16;
export const CHECK_SHARE = 1 / 8;

export interface SlowOptions extends CatchUpContext {
  readonly connections: ConnectionRegistry;
  readonly background: Background;
}

/**
 * Handles connections that read more slowly than their rooms publish. Well before uWS would cut one, it loses its topics and
 * is told. Once it has drained, it is caught up from its position: without a hole, and in bounded memory.
 */
export class SlowConnections {
  readonly #options: SlowOptions;
  readonly #slowBytes: number;
  readonly #drainedBytes: number;
  readonly #checkBytes: number;
  /** Published since the last check, and the rooms that did: at most as many as frames fit into `#checkBytes`. */
  #published = 0;
  readonly #grown = new Set<Pick<LiveRoom, "listeners">>();

  constructor(options: SlowOptions) {
    this.#options = options;
    const { MAX_BACKPRESSURE_BYTES: most } = options.settings;
    this.#slowBytes = most * SLOW_SHARE;
    this.#drainedBytes = most * DRAINED_SHARE;
    this.#checkBytes = most * CHECK_SHARE;
  }

  /**
   * A check visits only the listeners of rooms that published since the last one. Each visit stands for a delivered frame, so
   * checks cost no more than deliveries, however many connections there are.
   */
  published(room: Pick<LiveRoom, "listeners">, bytes: number): void {
    this.#published += bytes;
    this.#grown.add(room);
    if (this.#published < this.#checkBytes) return;
    const rooms = [...this.#grown];
    this.#begin();
    for (const { listeners } of rooms) for (const connection of listeners) this.#check(connection);
  }

  /** Checks every connection, because a client may also leave the answers to its own frames unread. */
  checkAll(): void {
    this.#begin();
    for (const connection of this.#options.connections) this.#check(connection);
  }

  #begin(): void {
    this.#published = 0;
    this.#grown.clear();
  }

  #check(connection: Connection): void {
    if (connection.bufferedBytes <= this.#slowBytes) return;
    pause(connection);
    if (connection.isSlow) return;
    connection.isSlow = true;
    connection.send(SLOW_FRAME);
    this.#options.metrics.fellBehind();
    void this.#options.background.attempt("catching up", () => this.#recover(connection));
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
    const deadline = performance.now() + this.#options.settings.SLOW_DEADLINE_MS;
    while (connection.bufferedBytes > this.#drainedBytes) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !(await connection.drained(leftMs))) return false;
    }
    return true;
  }

  /**
   * Room by room. A room that was caught up may be paused again during the others. `isSlow` ends in the same synchronous
   * step as the last room, so that a later pause starts a new recovery.
   */
  async #catchUp(connection: Connection): Promise<boolean> {
    for (let paused = nextPaused(connection); paused !== undefined; paused = nextPaused(connection)) {
      const { subscription, live } = paused;
      const outcome = await catchUp(this.#options, { connection, subscription, live }, subscription.seen, () => {
        if (live.mark > 0) connection.send(encodeDurable(live.id, live.mark));
      });
      if (outcome === "stalled") return false;
    }
    connection.isSlow = false;
    return true;
  }
}

/** Takes its topics away. The catch-up starts after the last published event. */
function pause(connection: Connection): void {
  for (const subscription of connection.subscriptions.values()) {
    const { live, state } = subscription;
    if (live === null || state !== "live") continue;
    connection.removeTopic(live.id);
    live.listeners.delete(connection);
    subscription.state = "paused";
    subscription.seen = { seq: live.published, epoch: live.toldEpoch };
  }
}

function nextPaused(connection: Connection) {
  for (const subscription of connection.subscriptions.values()) {
    const { live, state } = subscription;
    if (live !== null && state === "paused") return { subscription, live };
  }
  return undefined;
}
