import { DEDUPE_WINDOW_MS, type RoomId } from "@hubbub/protocol";
import type { Keys } from "../../keys.ts";
import type { NumberedEvent } from "../../roles/room-log.ts";
import type { Link } from "../link.ts";

/** Events per call. */
const REMEMBERED_PER_CALL = 1_000;

/** `RoomLog.remember`, for a room of this shard. KEYS and ARGV as documented in remember.lua. */
export async function remember(
  link: Link,
  keys: Keys,
  shard: number,
  { room, events }: { room: RoomId; events: readonly NumberedEvent[] },
): Promise<void> {
  const hashes = [keys.counters(shard), ...keys.dedupeBuckets(shard)];
  for (let at = 0; at < events.length; at += REMEMBERED_PER_CALL) {
    const some = events.slice(at, at + REMEMBERED_PER_CALL);
    const args = some.flatMap(({ user, id, epoch, seq, at }) => [
      keys.dedupeKey(room, user, id),
      `${epoch}:${seq}:${at}`,
    ]);
    await link.call((redis) =>
      redis.hubbubRemember(hashes.length, [...hashes, String(DEDUPE_WINDOW_MS / 1_000), ...args]),
    );
  }
}
