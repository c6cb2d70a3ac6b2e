import { BrokerUnavailable } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";

/** The log is not asked again for this time after it did not answer: each such call costs its caller seconds. */
const AWAY_MS = 2_000;

/** Keeps reads working while the log is away: calls that the store can answer alone go to the store then. */
export class LogOrStore {
  #awayUntil = Number.NEGATIVE_INFINITY;

  /** `askStore` may answer with less. Calls that need the log itself do not use this. */
  async ask<Answer>(askLog: () => Promise<Answer>, askStore: () => Promise<Answer>): Promise<Answer> {
    if (performance.now() < this.#awayUntil) return await askStore();
    try {
      return await askLog();
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      this.#awayUntil = performance.now() + AWAY_MS;
      return await askStore();
    }
  }
}

/** Replaces a log that is away: no room has uncommitted events in it. */
export const NO_LOG = { tail: async () => [], heads: async (rooms: readonly RoomId[]) => rooms.map(() => null) };
