import type { EventId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { EMPTY, withDraft, withEvent, withGap, withMoved, withOlder } from "./timeline.ts";

const by = { id: "u" as UserId, username: "ada" };
const head = (seq: number) =>
  ({ type: "event", room: "r" as RoomId, epoch: 1, seq, at: seq, by, id: `m${seq}` as EventId }) as const;
const said = (seq: number, text = `text ${seq}`): RoomEvent => ({ ...head(seq), kind: "message", text });
const all = (...events: RoomEvent[]) => events.reduce(withEvent, EMPTY);

test("a draft goes when its event comes", () => {
  const sending = withDraft(EMPTY, { id: "m1", text: "text 1", error: undefined });
  const { drafts, items } = withEvent(sending, said(1));
  expect(drafts).toEqual([]);
  expect(items).toMatchObject([{ seq: 1, text: "text 1" }]);
});

test("edits, deletions and reactions change the message they name", () => {
  const { items } = all(
    said(1),
    said(2),
    { ...head(3), kind: "edit", target: 1, text: "better" },
    { ...head(4), kind: "react", target: 1, emoji: "👍" },
    { ...head(5), kind: "react", target: 1, emoji: "👍" },
    { ...head(6), kind: "react", target: 1, emoji: "👎" },
    { ...head(7), kind: "react", target: 1, emoji: "👎", remove: true },
    { ...head(8), kind: "delete", target: 2 },
  );
  expect(items).toMatchObject([
    { text: "better", isEdited: true, reactions: [{ emoji: "👍", users: ["u"] }] },
    { text: "", isDeleted: true },
  ]);
});

test("an older page goes in front, without what is there already", () => {
  const timeline = withOlder(all(said(3)), [said(1), said(2), said(3)], true);
  expect(timeline.items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(timeline.hasOlder).toBe(true);
});

test("a moved event stands at its new place only", () => {
  const timeline = withMoved(all(said(1), said(2)), { ...said(102), id: "m2" as EventId }, 2);
  expect(timeline.items.map(({ seq }) => seq)).toEqual([1, 102]);
});

test("G8 at its bound the timeline lets the oldest go and can load them again", () => {
  const timeline = Array.from({ length: 2_001 }, (_, index) => said(index + 1)).reduce(withEvent, EMPTY);
  expect(timeline.items).toHaveLength(2_000);
  expect(timeline.items[0]?.seq).toBe(2);
  expect(timeline.hasOlder).toBe(true);
});

test("a gap that hides messages is shown, one that hides nothing is not", () => {
  expect(withGap(EMPTY, { from: 2, to: 4, reason: "retention" }).items).toMatchObject([
    { text: "3 events are missing here" },
  ]);
  expect(withGap(EMPTY, { from: 2, to: 99, reason: "epoch" }).items).toEqual([]);
});
