import {
  type EventId,
  type HistoryPage,
  type RoomEvent,
  type RoomId,
  type TaskId,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import { expect, test } from "vitest";
import {
  EMPTY,
  isInRoom,
  isStored,
  textOf,
  withDraft,
  withDurable,
  withEvent,
  withGap,
  withLive,
  withMoved,
  withNewer,
  withOlder,
  withProgress,
  withStates,
  withTaken,
  withWindow,
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

const page = (messages: RoomEvent[], rest: Partial<HistoryPage> = {}): HistoryPage => ({
  messages,
  head: messages.at(-1)?.seq ?? 0,
  epoch: 1,
  ...rest,
});

test("an older page is put in front, without events already there", () => {
  const timeline = withOlder(withEvent(withLive(EMPTY, 2), said(3)), 3, page([said(2), said(3)], { cursor: 2 }));
  expect(timeline.items.map(({ seq }) => seq)).toEqual([2, 3]);
  expect(timeline.hasOlder).toBe(true);
  expect(withOlder(timeline, 2, page([said(1)]))).toMatchObject({ items: [{}, {}, {}], hasOlder: false });
});

test("a page that no longer touches the window is passed over", () => {
  const timeline = withOlder(withLive(EMPTY, 9), 10, page([said(9)], { cursor: 9 }));
  expect(withOlder(timeline, 10, page([said(9)]))).toBe(timeline);
  expect(withNewer(timeline, 8, page([said(9)]))).toBe(timeline);
});

test("a window elsewhere keeps the newest live items, and joins the head with them", () => {
  const live = withLive(EMPTY, 5);
  const elsewhere = withWindow(live, page([said(1)], { head: 5 }), page([said(2)], { cursor: 2, head: 5 }));
  expect(elsewhere).toMatchObject({ hasOlder: false, hasNewer: true, oldest: 1, newest: 2 });
  const heard = [said(6), said(7)].reduce(withEvent, elsewhere);
  expect(heard.items).toHaveLength(2);
  const joined = withNewer(heard, 2, page([said(3), said(4), said(5)]));
  expect(joined.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(joined).toMatchObject({ hasNewer: false, newest: 7, ahead: [] });
});

test("a mark of another epoch ticks nothing", () => {
  const [early, late] = [said(3), { ...said(9), epoch: 2 } as RoomEvent];
  const timeline = withDurable(all(early, late), 9, 2);
  expect(timeline.items.map((item) => isStored(timeline, item))).toEqual([false, true]);
  // What is in the history of a later epoch is committed.
  const loaded = withOlder(withLive(EMPTY, 9), 10, page([early, late], { epoch: 2 }));
  expect(loaded.items.map((item) => isStored(loaded, item))).toEqual([true, false]);
  const partial = withOlder(withLive(EMPTY, 9), 10, page([early, late], { epoch: 2, partial: true }));
  expect(partial.items.every((item) => isStored(partial, item))).toBe(true);
});

test("a live page that is ahead of the head of its epoch ticks nothing of the newer one", () => {
  const raced = withWindow(withLive(EMPTY, 3), page([said(3), { ...said(9), epoch: 2 } as RoomEvent], { epoch: 1 }));
  expect(raced.items.map((item) => isStored(raced, item))).toEqual([false, false]);
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

test("what an older state of the room did not have is gone, and told anew", () => {
  const restored = withGap(all(said(1), said(2), said(3)), { from: 2, to: 3, reason: "epoch" });
  expect(restored).toMatchObject({ newest: 1, head: 1, hasNewer: false });
  expect(withEvent(restored, { ...said(2), epoch: 2 } as RoomEvent).items.map(({ seq }) => seq)).toEqual([1, 2]);
});

test("G8 at its bound in bytes the timeline drops the end that nobody has just loaded", () => {
  const large = (seq: number): RoomEvent => said(seq, "x".repeat(512 * 1_024));
  const live = [1, 2, 3, 4, 5].map(large).reduce(withEvent, EMPTY);
  expect(live).toMatchObject({ oldest: 3, newest: 5, hasOlder: true, hasNewer: false });
  const older = withOlder(live, 3, page([large(1), large(2)]));
  expect(older).toMatchObject({ oldest: 1, newest: 3, hasOlder: false, hasNewer: true });
});

test("G8 at its bound the timeline drops the oldest and can load them again", () => {
  const full = withWindow(EMPTY, page(Array.from({ length: 2_000 }, (_, index) => said(index + 1))));
  const timeline = withEvent(withLive(full, 2_000), said(2_001));
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

test("a task that has begun shows its progress, until it has ended", () => {
  const task = "t1" as TaskId;
  const begun = all({ ...head(1), kind: "task", task, name: "stats", state: "queued" });
  expect(begun.items).toMatchObject([{ text: "ada started the task stats", task }]);
  const going = withProgress(begun, task, { done: 1, total: 3 });
  expect(going.items).toMatchObject([{ task, progress: { done: 1, total: 3 } }]);
  expect(withProgress(going, "another", { done: 1, total: 3 })).toBe(going);
  const ended = withEvent(going, { ...head(2), kind: "task", task, name: "stats", state: "done", note: "3 messages" });
  expect(ended.items).toMatchObject([
    { task, progress: undefined },
    { text: "the task stats of ada is done: 3 messages" },
  ]);
});
