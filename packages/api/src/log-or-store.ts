import { BrokerUnavailable } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";

/** A log that did not answer is not asked again for so long: each such question costs its caller seconds. */
const AWAY_MS = 2_000;

/** Reading goes on while the log is away: what the store alone can answer is asked of it then. */
export class LogOrStore {
  #awayUntil = Number.NEGATIVE_INFINITY;

  /** `askStore` may answer with less; whatever needs the log itself does not go through here. */
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

/** Stands in for a log that is away: as if no room had anything that is not committed. */
export const NO_LOG = { tail: async () => [], heads: async (rooms: readonly RoomId[]) => rooms.map(() => null) };
