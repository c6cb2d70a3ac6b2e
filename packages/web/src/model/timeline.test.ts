import { type EventId, type RoomEvent, type RoomId, UNCHANGED, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import {
  EMPTY,
  isInRoom,
  textOf,
  withDraft,
  withEvent,
  withGap,
  withLive,
  withMoved,
  withOlder,
  withStates,
  withTaken,
} from "./timeline.ts";

const by = { id: "u" as UserId, username: "ada" };
const head = (seq: number) =>
  ({ type: "event", room: "r" as RoomId, epoch: 1, seq, at: seq, by, id: `m${seq}` as EventId }) as const;
const said = (seq: number, text = `text ${seq}`): RoomEvent => ({ ...head(seq), kind: "message", text });
const all = (...events: RoomEvent[]) => events.reduce(withEvent, EMPTY);

test("a draft disappears when its event comes", () => {
  const sending = withDraft(EMPTY, { id: "m1", text: "text 1", error: undefined });
  const { drafts, items } = withEvent(sending, said(1));
  expect(drafts).toEqual([]);
  expect(items).toMatchObject([{ seq: 1, event: { text: "text 1" } }]);
});

test("messages show their present state, and those that did not change stay the same", () => {
  const before = all(said(1), said(2));
  const state = { ...UNCHANGED, text: "better" };
  const after = withStates(before, (seq) => (seq === 1 ? { event: said(1) as never, state } : undefined));
  expect(after.items.map((item) => item.kind === "message" && textOf(item))).toEqual(["better", "text 2"]);
  expect(after.items[1]).toBe(before.items[1]);
});

test("a reply in a thread is in the room only if its author shares it", () => {
  const reply = { ...said(2), thread: 1 } as RoomEvent;
  const shared = { ...said(3), thread: 1, broadcast: true } as RoomEvent;
  expect(all(said(1), reply, shared).items.map(isInRoom)).toEqual([true, false, true]);
});

test("an older page is put in front, without events already there", () => {
  const timeline = withOlder(withEvent(withLive(EMPTY, 2), said(3)), [said(2), said(3)]);
  expect(timeline.items.map(({ seq }) => seq)).toEqual([2, 3]);
  expect(timeline.hasOlder).toBe(true);
  expect(withOlder(timeline, [said(1)])).toMatchObject({ items: [{}, {}, {}], hasOlder: false });
});

test("an acked draft disappears, whether its event comes later, came before, or is in a gap", () => {
  const draft = { id: "own", text: "x", error: undefined };
  const sending = withDraft(withLive(EMPTY, 5), draft);
  expect(withTaken(sending, "own", 4).drafts).toEqual([]);
  const taken = withTaken(sending, "own", 8);
  expect(taken.drafts).toMatchObject([{ id: "own", seq: 8 }]);
  expect(withEvent(taken, said(7)).drafts).toHaveLength(1);
  expect(withGap(taken, { from: 6, to: 9, reason: "retention" }).drafts).toEqual([]);
});

test("a moved event is only at its new place", () => {
  const timeline = withMoved(all(said(1), said(2)), { ...said(102), id: "m2" as EventId }, 2);
  expect(timeline.items.map(({ seq }) => seq)).toEqual([1, 102]);
});

test("G8 at its bound the timeline drops the oldest and can load them again", () => {
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
