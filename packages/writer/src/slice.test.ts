import { type EventId, encodeEventBody, encodeEventHead, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { bisect, type Slice, toSlices } from "./slice.ts";

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

test("a refused run is halved down to the entry to blame, and keeps its order", () => {
  const refuses = ({ entries }: Slice) => entries.some(({ offset }) => offset === "4");
  let work = toSlices([1, 2, 3, 4, 5].map((seq) => entry(seq)));
  const committed: string[] = [];
  for (let [slice] = work; slice !== undefined; [slice] = work) {
    const isRefused = slice.kind === "run" && refuses(slice);
    if (!isRefused) committed.push(...outline([slice]));
    work = [...(slice.kind === "run" && isRefused ? bisect(slice, "refused") : []), ...work.slice(1)];
  }
  expect(committed).toEqual(["run 1 2", "run 3", "poison 4", "run 5"]);
});
