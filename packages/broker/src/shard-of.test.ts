import { newId, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { shardOf } from "./shard-of.ts";

/** Computed apart from this code, from the definition of FNV-1a; a change here orphans every log and lease there is. */
const FIXED: readonly [room: string, of16: number, of64: number, of7: number][] = [
  ["00000000-0000-0000-0000-000000000000", 1, 17, 3],
  ["01927f3c-8a4e-7b21-9c55-0d1e2f3a4b5c", 0, 32, 6],
  ["0192ffff-ffff-7fff-bfff-ffffffffffff", 12, 12, 5],
  ["f47ac10b-58cc-4372-a567-0e02b2c3d479", 0, 0, 0],
];

test("the shard of a room never changes", () => {
  for (const [room, of16, of64, of7] of FIXED) {
    expect([16, 64, 7].map((shards) => shardOf(room as RoomId, shards))).toEqual([of16, of64, of7]);
  }
});

test("rooms spread over the shards", () => {
  const counts = Array<number>(16).fill(0);
  for (let rooms = 0; rooms < 16_000; rooms += 1) {
    const shard = shardOf(newId<RoomId>(), 16);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1_200);
});
