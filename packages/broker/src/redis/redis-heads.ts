import type { RoomId } from "@hubbub/protocol";
import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { RoomHead } from "../roles/room-log.ts";
import { shardOf } from "../shard-of.ts";
import "./scripts.ts";

/** Rooms per script call, so that a call blocks Redis for less than a millisecond. */
const ROOMS_PER_CALL = 500;

/** Heads in the order of `rooms`, with at least one call per shard. */
export async function readHeads(
  redis: Redis,
  keys: Keys,
  shards: number,
  rooms: readonly RoomId[],
): Promise<(RoomHead | null)[]> {
  const heads: (RoomHead | null)[] = Array.from({ length: rooms.length }, () => null);
  const calls: number[][] = [];
  const openCalls = new Map<number, number[]>();
  for (const [at, room] of rooms.entries()) {
    const shard = shardOf(room, shards);
    let call = openCalls.get(shard);
    if (call === undefined || call.length === ROOMS_PER_CALL) {
      call = [];
      calls.push(call);
      openCalls.set(shard, call);
    }
    call.push(at);
  }
  const read = async (places: readonly number[]): Promise<void> => {
    const asked = places.map((at) => keys.head(rooms[at] as RoomId));
    const answers = (await redis.hubbubHeads(asked.length, asked)).split(" ");
    for (const [index, at] of places.entries()) heads[at] = toHead(answers[index]);
  };
  await Promise.all(calls.map(read));
  return heads;
}

function toHead(answer: string | undefined): RoomHead | null {
  if (answer === undefined) throw new Error("heads.lua answered fewer heads than it was asked");
  if (answer === "-") return null;
  const [epoch, seq, durable] = answer.split(":");
  return { epoch: Number(epoch), seq: Number(seq), durable: Number(durable) };
}
