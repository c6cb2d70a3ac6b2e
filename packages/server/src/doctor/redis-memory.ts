import type { Settings } from "../settings.ts";

/** An allocation in a stream is rounded up by a quarter at most. */
const STREAM_SHARE = 1.25;
/** Bytes of the memory of one accepted id. */
const DEDUPE_BYTES = 200;
const DEDUPE_SECONDS = 1_200;

type Bounds = Pick<Settings, "SHARDS" | "BACKLOG_MAX_BYTES" | "REPLAY_MAX_BYTES" | "TAIL_MAX_BYTES">;

/** What the settings do not bound. */
export interface RedisUse {
  /** That fill their tails within an hour. */
  readonly rooms: number;
  readonly messagesPerSecond: number;
}

/** The example of `infra/redis/redis.conf`. */
export const USUAL: RedisUse = { rooms: 2_000, messagesPerSecond: 2_000 };

/** The sum of `infra/redis/redis.conf`: the most that the log, tails and dedupe take. */
export function redisBytes(settings: Bounds, { rooms, messagesPerSecond }: RedisUse) {
  const backlog = settings.SHARDS * settings.BACKLOG_MAX_BYTES * 2 * STREAM_SHARE;
  const replay = settings.SHARDS * settings.REPLAY_MAX_BYTES * STREAM_SHARE;
  const tails = rooms * settings.TAIL_MAX_BYTES * STREAM_SHARE;
  const dedupe = messagesPerSecond * DEDUPE_SECONDS * DEDUPE_BYTES;
  return { backlog, replay, tails, dedupe, sum: backlog + replay + tails + dedupe };
}
