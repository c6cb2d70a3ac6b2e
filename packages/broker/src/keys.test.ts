import { type EventId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import slotOf from "cluster-key-slot";
import { expect, test } from "vitest";
import { createKeys } from "./keys.ts";
import { acceptCall } from "./redis/redis-accept.ts";
import { shardOf } from "./shard-of.ts";

const SHARDS = 16;
const rooms = Array.from({ length: 500 }, () => newId<RoomId>());
const keys = createKeys("hubbub:", SHARDS);
const inShard = (shard: number) => rooms.filter((room) => shardOf(room, SHARDS) === shard);
const slots = (names: readonly string[]) => new Set(names.map(slotOf));

test("the keys of one batch, and of every other script call, hash to one slot", () => {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const batch = inShard(shard).map((room) => ({
      ...{ room, user: newId<UserId>(), id: newId<EventId>() },
      ...{ body: "", seen: 0 },
    }));
    const bounds = { backlogMaxEvents: 1, backlogMaxBytes: 1, tailEvents: 1, tailMaxBytes: 1 };
    const accept = acceptCall(keys, shard, batch, bounds).keys;
    const marks = inShard(shard).flatMap((room) => [keys.head(room), keys.tail(room)]);
    const trim = [keys.log(shard), keys.counters(shard)];
    expect(batch.length).toBeGreaterThan(0);
    expect(slots([...accept, ...marks, ...trim]).size).toBe(1);
  }
  expect(slots(keys.spending).size).toBe(1);
  expect(slots([keys.nodes, keys.nodeInfo("one"), keys.people("two")]).size).toBe(1);
});

test("the channel of a room is in the slot of its keys", () => {
  for (const room of rooms) expect(slotOf(keys.channel(room))).toBe(slotOf(keys.head(room)));
});

test("no two things have one name", () => {
  const [room] = rooms;
  if (room === undefined) throw new Error("no room");
  const names = [keys.head(room), keys.tail(room), keys.log(1), keys.counters(1), keys.control, keys.nodes];
  expect(new Set(names).size).toBe(names.length);
});

test("a prefix with braces would move the hash tag and is refused", () => {
  expect(() => createKeys("{a}:", 1)).toThrow(RangeError);
});

test("G6 from the first adoption on every key carries the generation, and the hash tag stays", () => {
  const [first, seventh] = [createKeys("hubbub", 4), createKeys("hubbub", 4, 7)];
  expect([first.log(3), seventh.log(3)]).toEqual(["hubbub{s3}:log", "hubbub:g7{s3}:log"]);
  expect([first.control, seventh.control]).toEqual(["hubbubcontrol", "hubbub:g7control"]);
  expect(seventh.newestGeneration).toBe(first.newestGeneration);
});
