import { createMemoryBroker } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type RoomId, type UserId } from "@hubbub/protocol";
import type { ReadMark } from "@hubbub/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReadMarks } from "./read-marks.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const [ada, bob] = [newId<UserId>(), newId<UserId>()];

/** A room with 100 events, a store that keeps what it is given, and what `ada` was told. */
async function setUp() {
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 1_000, durableAccept: false });
  const told: { kind: string; seq: number }[] = [];
  broker.listen({
    deliver: (_to, frame) => void told.push(JSON.parse(frame.toString())),
    control: () => undefined,
    interrupted: () => undefined,
  });
  await broker.subscribe(ada);
  const room = newId<RoomId>();
  await broker.initialise(room, { epoch: 1, head: 0 });
  const accepts = Array.from({ length: 100 }, () => {
    const id = newId<EventId>();
    const body = encodeEventBody({ by: { id: bob, username: "bob" }, kind: "message", id, text: "x" });
    return { room, user: bob, id, body, seen: 0 };
  });
  await broker.accept(0, accepts);
  const written: ReadMark[][] = [];
  const failing = { is: false };
  const failures: unknown[] = [];
  const marks = new ReadMarks({
    log: broker,
    store: {
      unread: {
        mark: async (some: readonly ReadMark[]) => {
          if (failing.is) throw new Error("the store is away");
          written.push([...some]);
        },
      },
      events: { heads: async (rooms: readonly RoomId[]) => rooms.map(() => ({ seq: 7, epoch: 1 })) },
    } as never,
    attempt: (write) => write().catch((error: unknown) => failures.push(error)),
  });
  return { room, marks, written, told, failing, failures, seqs: () => told.map(({ seq }) => seq) };
}

test("the first mark is told at once, and those of two seconds become one row and one more frame", async () => {
  const { room, marks, written, seqs } = await setUp();
  for (const seq of [3, 9, 5, 8]) marks.read({ room, user: ada, seq });
  marks.read({ room, user: bob, seq: 4 });
  await vi.waitFor(() => expect(seqs()).toEqual([3]));
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(written).toEqual([
    [
      { room, user: ada, seq: 9 },
      { room, user: bob, seq: 4 },
    ],
  ]);
  await vi.waitFor(() => expect(seqs()).toEqual([3, 9]));
  marks.read({ room, user: ada, seq: 10 });
  await vi.advanceTimersByTimeAsync(1_900);
  expect(written).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(written[1]).toEqual([{ room, user: ada, seq: 10 }]);
});

test("no mark is written above the head of its room, in the log or in the store", async () => {
  const { room, marks, written } = await setUp();
  const other = newId<RoomId>();
  marks.read({ room, user: ada, seq: 5_000 });
  marks.read({ room: other, user: ada, seq: 5_000 });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(written[0]?.map(({ seq }) => seq)).toEqual([100, 7]);
});

test("what cannot be written is written later, with what came meanwhile", async () => {
  const { room, marks, written, failing, failures } = await setUp();
  failing.is = true;
  marks.read({ room, user: ada, seq: 5 });
  marks.read({ room, user: bob, seq: 5 });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(failures).toHaveLength(1);
  marks.read({ room, user: ada, seq: 6 });
  failing.is = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(written.flat().toSorted((one, two) => two.seq - one.seq)).toEqual([
    { room, user: ada, seq: 6 },
    { room, user: bob, seq: 5 },
  ]);
});

test("close writes what waits", async () => {
  const { room, marks, written } = await setUp();
  marks.read({ room, user: ada, seq: 5 });
  await marks.close();
  expect(written).toEqual([[{ room, user: ada, seq: 5 }]]);
});

test("G8 marks beyond the bound are refused with a retry", async () => {
  const { marks } = await setUp();
  const read = () => marks.read({ room: newId<RoomId>(), user: bob, seq: 1 });
  for (let count = 0; count < 50_000; count += 1) read();
  expect(read).toThrow(expect.objectContaining({ code: "overloaded", retryAfterMs: expect.any(Number) }));
});
