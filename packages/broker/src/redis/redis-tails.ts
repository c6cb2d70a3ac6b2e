import type { RoomId } from "@hubbub/protocol";
import type { Keys } from "../keys.ts";
import type { DurableMark } from "../roles/shard-logs.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

/** Returns the rooms where that must wait. */
export async function forgetTails(link: Link, keys: Keys, events: readonly DurableMark[]): Promise<readonly RoomId[]> {
  if (events.length === 0) return [];
  const names = events.flatMap(({ room }) => [keys.head(room), keys.tail(room)]);
  const seqs = events.map(({ seq }) => String(seq));
  const done = await link.call((redis) => redis.hubbubForget(names.length, [...names, ...seqs]));
  return events.flatMap(({ room }, at) => (done[at] === 1 ? [] : [room]));
}
