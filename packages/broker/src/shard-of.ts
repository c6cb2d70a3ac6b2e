import type { RoomId } from "@hubbub/protocol";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The shard of a room: FNV-1a (32 bit) over the id's text, mod S. Log, writer and store rely on it: it must never change. */
export function shardOf(room: RoomId, shards: number): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < room.length; at += 1) hash = Math.imul(hash ^ room.charCodeAt(at), FNV_PRIME);
  return (hash >>> 0) % shards;
}
