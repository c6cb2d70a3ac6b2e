import type { RoomId } from "@hubbub/protocol";
import type { Keys } from "../keys.ts";
import type { Forgettable } from "../roles/tails.ts";
import type { Link } from "./link.ts";
import "./scripts.ts";

/** `Tails.forget`. */
export async function forgetTails(link: Link, keys: Keys, events: readonly Forgettable[]): Promise<readonly RoomId[]> {
  if (events.length === 0) return [];
  const names = events.flatMap(({ room }) => [keys.head(room), keys.tail(room)]);
  const seqs = events.flatMap(({ seq, stored }) => [String(seq), String(stored)]);
  const done = await link.call((redis) => redis.hubbubForget(names.length, [...names, ...seqs]));
  return events.flatMap(({ room }, at) => (done[at] === 1 ? [] : [room]));
}
