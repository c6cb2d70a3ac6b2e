import type { RoomId, UserId } from "@hubbub/protocol";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The shard of a room, or of a user's channel: FNV-1a (32 bit) over the id's text, mod S. All rely on it: it must never change. */
export function shardOf(room: RoomId | UserId, shards: number): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < room.length; at += 1) hash = Math.imul(hash ^ room.charCodeAt(at), FNV_PRIME);
  return (hash >>> 0) % shards;
}
