import { type EventId, newId, type PublicUser, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { ChangeLog } from "./change-log.ts";
import { Messages } from "./messages.ts";

const [ann, bob] = ["ann", "bob"].map((username) => ({ id: newId<UserId>(), username })) as [PublicUser, PublicUser];
const room = newId<RoomId>();

function event(seq: number, body: object, epoch = 1, by = ann): RoomEvent {
  return { type: "event", room, epoch, seq, at: seq, by, id: newId<EventId>(), ...body } as RoomEvent;
}

const message = (seq: number, more: object = {}, epoch = 1) =>
  event(seq, { kind: "message", text: `${seq}`, ...more }, epoch);
const react = (seq: number, target: number, more: object = {}) =>
  event(seq, { kind: "react", target, emoji: "👍", ...more }, 2, bob);

test("a moved message keeps the state of a newer page", () => {
  const messages = new Messages();
  messages.add(message(30));
  const moved = message(1_030, { was: [30] }, 2);
  const states = [{ seq: 1_030, text: "edited", edited: { seq: 1_035, at: 1, count: 1 } }];
  messages.addPage({ messages: [moved], states, statesUpTo: 1_040 });
  expect(messages.all.map(({ event: { seq }, state }) => [seq, state.text])).toEqual([[1_030, "edited"]]);
  messages.add(moved);
  messages.add(event(1_035, { kind: "edit", target: 30, text: "edited" }, 2));
  expect(messages.get(1_030)?.state).toMatchObject({ text: "edited", edited: { count: 1 } });
});

test("a stored change that comes before its moved message is a change of it", () => {
  const messages = new Messages();
  messages.add(event(1_010, { kind: "delete", target: 30, was: [31] }, 2));
  messages.durable(1_020, 2);
  messages.add(message(1_030, { was: [30] }, 2));
  expect(messages.get(1_030)?.state.isDeleted).toBe(true);
  const another = new Messages();
  another.add(message(30));
  another.durable(1_020, 2);
  another.add(event(1_010, { kind: "delete", target: 30, was: [31] }, 2));
  another.add(message(1_030, { was: [30] }, 2));
  expect(another.get(1_030)?.state.isDeleted).toBe(true);
});

test("a change between two lost logs, stored before its message, is a change of it", () => {
  const messages = new Messages();
  messages.add(message(102, { was: [10] }, 2));
  messages.add(event(101, { kind: "delete", target: 10, was: [11] }, 2));
  messages.add(message(1_201, { was: [10, 102] }, 3));
  expect(messages.all.map(({ event: { seq }, state }) => [seq, state.isDeleted])).toEqual([[1_201, true]]);
});

test("a reply of the newest page that comes again behind a lost log counts once", () => {
  const messages = new Messages();
  const reply = message(50, { thread: 40 });
  messages.addPage({ messages: [message(40), reply] });
  messages.add(message(1_050, { thread: 40, was: [50] }, 2));
  messages.add(reply);
  expect(messages.get(40)?.state.replies).toEqual({ count: 1, last: 1_050 });
  expect(messages.all.map(({ event: { seq } }) => seq)).toEqual([40, 1_050]);
});

test("a message that was sent again by its client takes the place of the one that was lost", () => {
  const messages = new Messages();
  messages.add(message(30));
  messages.add(message(31, { thread: 30 }));
  messages.add(message(20));
  messages.add(message(32, { thread: 20 }));
  messages.add(message(1_032, { thread: 20 }, 2), 32);
  expect(messages.get(20)?.state.replies).toEqual({ count: 1, last: 1_032 });
  messages.retain((seq) => seq >= 30 && seq < 1_000);
  messages.add(message(1_030, {}, 2), 30);
  messages.add(message(1_031, { thread: 1_030 }, 2), 31);
  const shown = messages.all.map(({ event: { seq }, state }) => [seq, state.replies]);
  expect(shown).toEqual([
    [1_030, { count: 1, last: 1_031 }],
    [1_031, undefined],
  ]);
});

test("a message that was forgotten comes again as a page has it", () => {
  const messages = new Messages();
  messages.add(message(1_030, { was: [30] }, 2));
  messages.retain(() => false);
  messages.addPage({ messages: [message(30)] });
  expect(messages.all.map(({ event: { seq } }) => seq)).toEqual([30]);
});

test("G6 seqs that are void with a restored state are free for other events", () => {
  const messages = new Messages();
  const states = [{ seq: 5, text: "void", edited: { seq: 12, at: 1, count: 1 } }];
  messages.addPage({ messages: [message(5), message(10), message(15)], states, statesUpTo: 15 });
  messages.add(react(16, 5));
  messages.lost({ from: 11, to: 20 });
  expect(messages.all.map(({ event: { seq } }) => seq)).toEqual([5, 10]);
  messages.add(event(11, { kind: "edit", target: 5, text: "other" }, 2));
  messages.add(message(15, { text: "another" }, 2));
  expect(messages.get(5)?.state).toMatchObject({ text: "other", reactions: new Map() });
  expect(messages.get(15)?.event.text).toBe("another");
});

test("G6 a moved message of a page is still found by its lost seq when the gap before it is told", () => {
  const messages = new Messages();
  messages.addPage({ messages: [message(1_030, { was: [30] }, 2)] });
  messages.lost({ from: 21, to: 1_000 });
  messages.add(event(1_031, { kind: "edit", target: 30, text: "edited" }, 2));
  expect(messages.get(30)?.state.text).toBe("edited");
  messages.add(message(1_032, { was: [32], thread: 30 }, 2));
  messages.lost({ from: 1_001, to: 1_100 });
  expect([messages.presentSeq(30), messages.presentSeq(32)]).toEqual([30, 32]);
});

test("at the bound of the changes the oldest become a part of their states, and nothing is counted twice", () => {
  const messages = new Messages({ changesMaxBytes: 20_000 });
  messages.addPage({ messages: [message(1), message(2)] });
  for (let seq = 3; seq < 203; seq += 1) messages.add(message(seq, { thread: 1 + (seq % 2) }));
  messages.retain((seq) => seq <= 2);
  messages.add(message(202, { thread: 1 }));
  messages.addPage({ messages: [message(1), message(100, { thread: 1 })] });
  expect(messages.get(1)?.state.replies).toEqual({ count: 100, last: 202 });
  expect(messages.get(2)?.state.replies).toEqual({ count: 100, last: 201 });
});

test("what is neither a message nor a change leaves nothing behind", () => {
  const messages = new Messages();
  messages.add(event(1_030, { kind: "join", user: bob.id, was: [30] }, 2));
  expect(messages.presentSeq(30)).toBe(30);
});

test("at the bound a page that comes behind newer changes is counted as a whole", () => {
  const messages = new Messages({ changesMaxBytes: 20_000 });
  messages.addPage({ messages: [message(1)] });
  const replies = (from: number, to: number): RoomEvent[] =>
    Array.from({ length: to - from }, (_none, at) => message(from + at, { thread: 1 }));
  for (const reply of replies(100, 110)) messages.add(reply);
  messages.addPage({ messages: replies(2, 100) });
  messages.addPage({ messages: [message(1)] });
  expect(messages.get(1)?.state.replies).toEqual({ count: 108, last: 109 });
});

test("at the bound changes go first that are stored for sure, and a mark says nothing of another epoch", () => {
  const [former, present, late] = [react(6, 1, { epoch: 1 }), react(5, 1), react(4, 1)];
  const bytes = 600;
  const changes = new ChangeLog(2 * bytes);
  changes.add(present);
  changes.durable(10, 1);
  changes.add(former);
  expect(changes.surplus).toBeUndefined();
  changes.add(late);
  expect(changes.surplus).toBe(former);
  changes.durable(4, 2);
  changes.remove(6);
  changes.add(react(7, 1));
  expect(changes.surplus).toBe(late);
});
