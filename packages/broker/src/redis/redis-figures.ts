import type { Keys } from "../keys.ts";
import type { Figures } from "../roles/figures.ts";
import type { Link } from "./link.ts";

const TOLD_MS = 3_600_000;
const ANSWER_MS = 10_000;

/** One string per node and per answer, beside the keys of presence, and a sorted set of the nodes that told. */
export function createRedisFigures(link: Link, { nodes }: Keys): Figures {
  const names = `${nodes}:told`;
  const toldBy = (node: string) => `${nodes}:told:${node}`;
  const answerOf = (question: string, node: string) => `${nodes}:answer:${question}:${node}`;
  return {
    async tell(node, text) {
      const now = Date.now();
      await link.call((redis) =>
        redis
          .multi()
          .set(toldBy(node), text, "PX", TOLD_MS)
          .zadd(names, now, node)
          .zremrangebyscore(names, "-inf", now - TOLD_MS)
          .pexpire(names, TOLD_MS)
          .exec(),
      );
    },
    async told() {
      return await link.call(async (redis) => {
        const known = (await redis.zrange(names, "0", "-1")).map(toldBy);
        if (known.length === 0) return [];
        const [texts, left] = await Promise.all([redis.mget(known), Promise.all(known.map((key) => redis.pttl(key)))]);
        return texts.flatMap((text, at) => (text === null ? [] : [{ text, agoMs: TOLD_MS - (left[at] ?? 0) }]));
      });
    },
    async drop(node) {
      await link.call((redis) => redis.multi().zrem(names, node).del(toldBy(node)).exec());
    },
    async answer(question, node, text) {
      await link.call((redis) => redis.set(answerOf(question, node), text, "PX", ANSWER_MS));
    },
    async answers(question, asked) {
      if (asked.length === 0) return [];
      return await link.call((redis) => redis.mget(asked.map((node) => answerOf(question, node))));
    },
  };
}
