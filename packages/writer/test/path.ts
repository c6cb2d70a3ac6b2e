import { BrokerUnavailable } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type RoomId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import {
  acceptBodies,
  acceptTexts,
  BY,
  type GetStack,
  lastMark,
  metricOf,
  numbered,
  openRoom,
  startWriter,
  stored,
  textBody,
  withEdge,
} from "./stack.ts";

const NOT_STORABLE = "no\u0000text";

export function pathSuite(getStack: GetStack): void {
  test("G2 everything accepted is stored, in the order of the log", async () => {
    const stack = getStack();
    const rooms = await Promise.all(Array.from({ length: 6 }, () => openRoom(stack)));
    startWriter(stack);
    for (const part of ["first", "second"]) {
      await Promise.all(rooms.map((room) => acceptTexts(stack, room, numbered(part, 700))));
    }
    await vi.waitFor(() => expect(rooms.map((room) => lastMark(stack, room))).toEqual(rooms.map(() => 1_400)), 10_000);
    for (const room of rooms) {
      expect(await stored(stack, room)).toEqual([...numbered("first", 700), ...numbered("second", 700)]);
    }
  });

  test("G4 a mark is published after the commit, and rises", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    const early: number[] = [];
    const broker = withEdge(stack.broker, {
      async publishMarks(shard, marks) {
        for (const mark of marks) {
          if ((await stack.store.events.head(mark.room)).seq < mark.seq) early.push(mark.seq);
        }
        await stack.broker.publishMarks(shard, marks);
      },
    });
    startWriter({ ...stack, broker }, { markMs: 0 });
    for (const text of numbered("text", 20)) await acceptTexts(stack, room, [text]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(20));
    expect(early).toEqual([]);
    const seqs = stack.marks.filter((mark) => mark.room === room).map((mark) => mark.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
  });

  test("G2 a row that the store refuses becomes a dead letter, and its neighbours are stored", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    await acceptTexts(stack, room, ["a", NOT_STORABLE, "b", "c", NOT_STORABLE]);
    const { metrics } = startWriter(stack);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(5));
    expect(await stored(stack, room)).toEqual(["a", "tombstone", "b", "c", "tombstone"]);
    expect(await metricOf(metrics, "writer_dead_letters_total")).toBe(2);
  });

  test("G2 an entry that is no event becomes a dead letter, and its neighbours are stored", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    await acceptBodies(stack, room, [
      textBody("a"),
      ",not json",
      textBody("b"),
      ',"kind":"unheard of"}',
      textBody("c"),
    ]);
    const { metrics } = startWriter(stack);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(5));
    expect(await stored(stack, room)).toEqual(["a", "tombstone", "b", "tombstone", "c"]);
    expect(await metricOf(metrics, "writer_dead_letters_total")).toBe(2);
  });

  test("a steady flow is committed in few transactions", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    let batches = 0;
    const events = withEdge(stack.store.events, {
      async append(batch) {
        batches += 1;
        return await stack.store.events.append(batch);
      },
    });
    startWriter({ ...stack, store: { ...stack.store, events } }, { gatherMs: 100 });
    const startedAt = performance.now();
    for (const text of numbered("text", 200)) await acceptTexts(stack, room, [text]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(200));
    expect(batches).toBeLessThanOrEqual((performance.now() - startedAt) / 100 + 2);
  });

  const target = (seq: number) => ({ by: BY, id: newId<EventId>(), target: seq });
  const tailOf = async ({ broker }: ReturnType<GetStack>, room: RoomId) =>
    (await broker.tail(room, 0, 100)).map(({ frame }) => frame.toString()).join();

  test("a deleted text is in no row and in no tail, and neither are its edits", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    startWriter(stack);
    await acceptBodies(stack, room, [
      textBody("secret"),
      encodeEventBody({ ...target(1), kind: "edit", text: "secret again" }),
      textBody("open"),
    ]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(3));
    await acceptBodies(stack, room, [encodeEventBody({ ...target(1), kind: "delete" })]);
    await vi.waitFor(() => expect(lastMark(stack, room)).toBe(4));
    expect(await stored(stack, room)).toEqual(["", "edit", "open", "delete"]);
    await vi.waitFor(async () => expect(await tailOf(stack, room)).not.toContain("secret"));
  });

  test("a text that was deleted before the writer died leaves the tail with the next writer", async () => {
    const stack = getStack();
    const room = await openRoom(stack);
    const publishMarks = () => Promise.reject(new BrokerUnavailable("the log is away"));
    const dying = startWriter({ ...stack, broker: withEdge(stack.broker, { publishMarks }) });
    await acceptBodies(stack, room, [textBody("secret"), encodeEventBody({ ...target(1), kind: "delete" })]);
    await vi.waitFor(async () => expect(await stored(stack, room)).toEqual(["", "delete"]), 5_000);
    await dying.stop();
    expect(await tailOf(stack, room)).toContain("secret");
    startWriter(stack);
    await vi.waitFor(async () => expect(await tailOf(stack, room)).not.toContain("secret"), 5_000);
  });
}
