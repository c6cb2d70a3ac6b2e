import { type EventId, encodeEventBody, encodeEventHead, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { rowsOf, type Slice, toSlices } from "./slice.ts";

const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ada" };

const entry = (seq: number, body?: string) => ({
  offset: String(seq),
  frame:
    encodeEventHead(room, 1, seq, 1_700_000_000_000) +
    (body ?? encodeEventBody({ by, kind: "message", id: "x" as EventId, text: `text ${seq}` })),
});
const outline = (slices: readonly Slice[]) =>
  slices.map(({ kind, entries }) => `${kind} ${entries.map(({ offset }) => offset).join(" ")}`);

test("a batch is cut where an entry cannot be read", () => {
  const batch = [entry(1), entry(2), entry(3, ",nonsense"), entry(4, ',"kind":"message"}'), entry(5)];
  const slices = toSlices(batch);
  expect(outline(slices)).toEqual(["run 1 2", "poison 3", "poison 4", "run 5"]);
  expect(slices[1]).toMatchObject({ error: "the frame is not JSON" });
  expect(toSlices([])).toEqual([]);
});

test("the rows of a batch are its events, and a tombstone for each dead letter with a head", () => {
  const slices = toSlices([entry(1), entry(2), { offset: "3", frame: "nonsense" }, entry(4, ",nonsense")]);
  const rows = [...slices, { kind: "skipped" as const, entries: [entry(5)] }].flatMap((slice) => rowsOf(slice));
  expect(rows.map((row) => [row.room, row.seq])).toEqual([1, 2, 4].map((seq) => [room, seq]));
});
