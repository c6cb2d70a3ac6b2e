import { KeyedLimiter, TokenBucket } from "@hubbub/runtime";
import type { Connection } from "./connection.ts";

/** Refusals of one connection for its rate: ten seconds' worth of frames at once, a tenth of its rate on the whole. */
const BURST_SECONDS = 10;
const SHARE = 0.1;
/** A user has the burst of so many connections, and on the whole the rate of one: coming back brings no new burst. */
const BURSTS_PER_USER = 2;
/** Of a connection whose hello does not hold yet. */
const BURST_BEFORE_HELLO = 32;
/** A connection that is shut out is ignored for so long and then closed: coming back at once brings little. */
export const SHUT_OUT_MS = 1_000;
/** Frames of one user, in those of one connection. */
const CONNECTIONS_PER_USER = 5;

/** What is refused for a rate costs too, and is bounded in its turn: past this a connection is shut out. */
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
