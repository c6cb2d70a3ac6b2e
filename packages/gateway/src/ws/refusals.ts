import type { UserId } from "@hubbub/protocol";
import { KeyedLimiter, TokenBucket } from "@hubbub/runtime";
import type { Connection } from "./connection.ts";

/** Refusals of one connection for its rate: ten seconds' worth of frames at once, a tenth of its rate on the whole. */
const BURST_SECONDS = 10;
const SHARE = 0.1;
/** A user has the burst of so many connections, and on the whole the rate of one: coming back brings no new burst. */
const BURSTS_PER_USER = 2;
/** Frames of one user, in those of one connection. */
const CONNECTIONS_PER_USER = 5;

/** What is refused for a rate costs too, and is bounded in its turn: past this a connection is closed. */
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
    connection.refusals ??= new TokenBucket(this.#rate * SHARE, now, this.#rate * BURST_SECONDS);
    const isUserOver = connection.identity !== null && this.#users.take(connection.identity.user.id, now) > 0;
    return connection.refusals.take(now) > 0 || isUserOver;
  }

  /** 0, or the milliseconds for which a user who was refused too often gets no new connection. */
  waitMs(user: UserId): number {
    return this.#users.waitMs(user);
  }
}
