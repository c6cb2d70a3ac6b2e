import type { SessionId } from "@hubbub/protocol";
import type { Revocations } from "../roles/revocations.ts";

/** A revocation ends with the access tokens of its session. Above this many, the next `add` drops those that ended. */
const SWEEP_AT = 1_000;

export class MemoryRevocations implements Revocations {
  readonly #until = new Map<SessionId, number>();
  #sweepAt = SWEEP_AT;

  async add(session: SessionId, ttlMs: number): Promise<void> {
    if (this.#until.size >= this.#sweepAt) this.#sweep();
    this.#until.set(session, Date.now() + ttlMs);
  }

  async has(session: SessionId): Promise<boolean> {
    return (this.#until.get(session) ?? 0) > Date.now();
  }

  #sweep(): void {
    const now = Date.now();
    for (const [session, until] of this.#until) if (until <= now) this.#until.delete(session);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#until.size);
  }
}
