import type { SessionId } from "@hubbub/protocol";
import DataLoader from "dataloader";
import type { Keys } from "../keys.ts";
import type { Revocations } from "../roles/revocations.ts";
import type { Link } from "./link.ts";

/** Sessions per command. */
const SESSIONS_PER_CALL = 1_000;

export class RedisRevocations implements Revocations {
  readonly #link: Link;
  readonly #keys: Keys;
  /** Lookups of one turn of the event loop share a command, so a reconnect storm costs one per turn, not one per client. */
  readonly #revoked: DataLoader<SessionId, boolean>;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
    this.#revoked = new DataLoader((sessions) => this.#among(sessions), {
      cache: false,
      maxBatchSize: SESSIONS_PER_CALL,
      batchScheduleFn: setImmediate,
    });
  }

  async add(session: SessionId, ttlMs: number): Promise<void> {
    await this.#link.call((redis) => redis.set(this.#keys.revoked(session), "1", "PX", Math.max(Math.ceil(ttlMs), 1)));
  }

  has(session: SessionId): Promise<boolean> {
    return this.#revoked.load(session);
  }

  async #among(sessions: readonly SessionId[]): Promise<boolean[]> {
    const marks = await this.#link.call((redis) => redis.mget(sessions.map((session) => this.#keys.revoked(session))));
    return marks.map((mark) => mark !== null);
  }
}
