import type { Keys } from "../keys.ts";
import { TURN_REPEATS_MS, type Turns } from "../roles/turns.ts";
import type { Link } from "./link.ts";

/** One string for each turn, which holds the holder and expires with the turn. */
export function createRedisTurns(link: Link, keys: Keys): Turns {
  return {
    async take(key, holder, ttlMs) {
      const name = keys.turn(key);
      return await link.call(async (redis) => {
        const answers = await redis.multi().set(name, holder, "PX", Math.ceil(ttlMs), "NX").get(name).pttl(name).exec();
        const [, present, left] = (answers ?? []).map(([error, answer]) => {
          if (error !== null) throw error;
          return answer;
        });
        return present === holder && ttlMs - Number(left) < TURN_REPEATS_MS ? 0 : Math.max(Number(left), 1);
      });
    },
  };
}
