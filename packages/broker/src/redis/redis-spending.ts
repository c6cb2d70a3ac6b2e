import type { Keys } from "../keys.ts";
import { SPENDING_WINDOW_SECONDS, type Spending } from "../roles/spending.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

export function createRedisSpending(link: Link, { spending: keys }: Keys): Spending {
  return {
    async add(spent) {
      const counts = spent.flatMap(({ key, count }) => [key, String(count)]);
      const [leftMs = 0, ...sums] = await link.call((redis) =>
        redis.hubbubSpend(keys.length, [...keys, String(SPENDING_WINDOW_SECONDS), ...counts]),
      );
      return { leftMs, sums };
    },
  };
}
