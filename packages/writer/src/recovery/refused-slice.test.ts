import { type EventId, encodeEventBody, encodeEventHead, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { type Slice, toSlices } from "../slice.ts";
import { bisect } from "./refused-slice.ts";

const room = newId<RoomId>();
const body = encodeEventBody({
  by: { id: newId<UserId>(), username: "ada" },
  kind: "message",
  id: "x" as EventId,
  text: "",
});
const entry = (seq: number) => ({
  offset: String(seq),
  frame: encodeEventHead(room, 1, seq, 1_700_000_000_000) + body,
});
const outline = ({ kind, entries }: Slice) => `${kind} ${entries.map(({ offset }) => offset).join(" ")}`;

test("a refused run is halved down to the entry to blame, and keeps its order", () => {
  const refuses = ({ entries }: Slice) => entries.some(({ offset }) => offset === "4");
  let work = toSlices([1, 2, 3, 4, 5].map((seq) => entry(seq)));
  const committed: string[] = [];
  for (let [slice] = work; slice !== undefined; [slice] = work) {
    const isRefused = slice.kind === "run" && refuses(slice);
    if (!isRefused) committed.push(outline(slice));
    work = [...(slice.kind === "run" && isRefused ? bisect(slice, new Error("refused")) : []), ...work.slice(1)];
  }
  expect(committed).toEqual(["run 1 2", "run 3", "poison 4", "run 5"]);
});
