import type { EventId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import type { AppendBatch } from "@hubbub/store";
import { expect, test } from "vitest";
import { toSlices } from "../slice.ts";
import { ReplayFilter } from "./replay-filter.ts";

const by = { id: "01920000-0000-7000-8000-00000000000a" as UserId, username: "alice" };
const room = "01920000-0000-7000-8000-000000000001" as RoomId;
const text = "said";
const lease = { shard: 0, token: 1, offset: "run.born/1-0" };

/** Holds one row; remembers what is appended. */
function storeOf(row: { user: UserId; id: EventId; epoch: number; seq: number; at: number }) {
  const told: AppendBatch[] = [];
  const append = async (batch: AppendBatch) => {
    told.push(batch);
    return [];
  };
  return { told, stored: async () => [row], append };
}

function entry(id: string, seq: number) {
  const event: RoomEvent = { type: "event", room, epoch: 5, seq, at: 0, by, kind: "message", id: id as EventId, text };
  return { offset: `run.born/1-${seq}`, frame: JSON.stringify(event) };
}

test.each([
  ["higher", 9],
  ["lower", 2],
])(
  "G3 G6 what is a row of a %s epoch is not stored again, for after a restore epochs may fall",
  async (_name, epoch) => {
    const row = { user: by.id, id: "twice" as EventId, epoch, seq: 40, at: 0 };
    const log = { lag: async () => 2 };
    const filter = new ReplayFilter(storeOf(row));
    const offsets = async () => {
      await filter.open(log, "");
      const slices = await filter.filter(toSlices([entry("twice", 1), entry("once", 2)]), lease);
      return slices.map(({ kind, entries }) => [kind, entries.map(({ offset }) => offset)]);
    };
    expect(await offsets()).toEqual([["run", ["run.born/1-2"]]]);
    filter.committed();
    expect(await offsets()).toEqual([["run", ["run.born/1-1", "run.born/1-2"]]]);
    filter.storeMoved();
    expect(await offsets()).toEqual([["run", ["run.born/1-2"]]]);
  },
);

test("G3 a returned log is compared with the store until all of it is committed", async () => {
  const row = { user: by.id, id: "twice" as EventId, epoch: 9, seq: 40, at: 0 };
  const log = { lag: async () => 2 };
  const filter = new ReplayFilter(storeOf(row));
  await filter.open({ lag: async () => 0 }, "");
  filter.committed();
  const returned = [entry("once", 1), entry("twice", 2)];
  await filter.follow(log, returned, "run.other/1-7");
  expect(await filter.filter(toSlices(returned), lease)).toHaveLength(2);
  // The first slice is committed, the second is not: the writer reads the log again behind the first.
  await filter.open({ lag: async () => 1 }, "run.born/1-1");
  await filter.follow(log, returned.slice(1), "run.born/1-1");
  expect(await filter.filter(toSlices(returned.slice(1)), lease)).toMatchObject([{ kind: "skipped" }]);
});

test("the store learns that the seqs of a message that is left out are those of its row, and gets nothing of it", async () => {
  const store = storeOf({ user: by.id, id: "twice" as EventId, epoch: 2, seq: 40, at: 7 });
  const filter = new ReplayFilter(store);
  await filter.open({ lag: async () => 2 }, "");
  const { frame, offset } = entry("twice", 90);
  const again = { offset, frame: `${frame.slice(0, -1)},"was":[40,60]}` };
  expect(await filter.filter(toSlices([again, entry("once", 91)]), lease)).toHaveLength(1);
  const { type, kind, id } = JSON.parse(frame);
  const moved = { type, kind, id, room, by, seq: 40, epoch: 2, at: 7, text: "", was: [60, 90] };
  expect(store.told).toEqual([{ lease, offset: lease.offset, events: [moved] }]);
});
