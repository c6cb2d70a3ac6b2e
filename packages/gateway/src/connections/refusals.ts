import { KeyedLimiter, TokenBucket } from "@hubbub/runtime";
import type { Connection } from "./connection.ts";

/** Refusals that one connection may cause: a burst of ten seconds' worth of frames, and a tenth of its rate over time. */
const BURST_SECONDS = 10;
const SHARE = 0.1;
/** A user has the burst of this many connections, and over time the rate of one: a reconnect brings no new burst. */
const BURSTS_PER_USER = 2;
/** Burst of a connection that is not authenticated. */
const BURST_BEFORE_HELLO = 32;
/** A connection that is shut out is ignored for this long and then closed, so that an immediate reconnect gains little. */
export const SHUT_OUT_MS = 1_000;
/** Frames of one user, in those of one connection. */
const CONNECTIONS_PER_USER = 5;

/** Rate-limit refusals cost CPU too, so they have a limit of their own. A connection that exceeds it is shut out. */
export class Refusals {
  readonly #rate: number;
  readonly #frames: KeyedLimiter;
  readonly #users: KeyedLimiter;

  constructor(framesPerSecond: number) {
    this.#rate = framesPerSecond;
    this.#frames = new KeyedLimiter(framesPerSecond * CONNECTIONS_PER_USER);
    this.#users = new KeyedLimiter(framesPerSecond * SHARE, framesPerSecond * BURST_SECONDS * BURSTS_PER_USER);
  }

  /** Takes a frame: 0, or the milliseconds after which the connection or its user may send again. */
  frame({ frames, identity }: Connection, now: number): number {
    return frames.take(now) || (identity === null ? 0 : this.#frames.take(identity.user.id, now));
  }

  /** Counts a refusal; true: it is one too many. */
  isOver(connection: Connection, now: number): boolean {
    const burst = connection.identity === null ? BURST_BEFORE_HELLO : this.#rate * BURST_SECONDS;
    connection.refusals ??= new TokenBucket(this.#rate * SHARE, now, burst);
    const isUserOver = connection.identity !== null && this.#users.take(connection.identity.user.id, now) > 0;
    return connection.refusals.take(now) > 0 || isUserOver;
  }
}
