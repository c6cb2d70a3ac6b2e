import {
  applyChange,
  type EventBody,
  type EventId,
  type HistoryPage,
  type MessageState,
  newId,
  type RoomEvent,
  type RoomId,
  type StateOfMessage,
  targetOf,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Messages } from "./messages.ts";

const room = newId<RoomId>();
const authors = ["ann", "bob"].map((username) => ({ id: newId<UserId>(), username }));

const drawn = fc.array(
  fc.record({
    kind: fc.constantFrom("message", "edit", "delete", "react", "unreact", "pin", "reply"),
    target: fc.integer({ min: 1, max: 4 }),
    by: fc.nat(1),
  }),
  { maxLength: 25 },
);

function toEvent({ kind, target, by: author }: { kind: string; target: number; by: number }, at: number): RoomEvent {
  const by = authors[author] ?? { id: newId<UserId>(), username: "" };
  const common = { by, id: newId<EventId>() };
  const seq = at + 1;
  const bodies: Record<string, EventBody> = {
    edit: { ...common, kind: "edit", target, text: `edit ${seq}` },
    delete: { ...common, kind: "delete", target },
    react: { ...common, kind: "react", target, emoji: "👍" },
    unreact: { ...common, kind: "react", target, emoji: "👍", remove: true },
    pin: { ...common, kind: "pin", target },
    reply: { ...common, kind: "message", text: `reply ${seq}`, thread: target },
  };
  const body = (target < seq && bodies[kind]) || { ...common, kind: "message", text: `text ${seq}` };
  return { type: "event", room, epoch: 1, seq, at: seq, ...body };
}

function foldUpTo(events: readonly RoomEvent[], upTo: number): Map<number, MessageState> {
  const states = new Map<number, MessageState>();
  for (const event of events.slice(0, upTo)) {
    const target = targetOf(event);
    if (target !== undefined) states.set(target, applyChange(states.get(target) ?? UNCHANGED, event));
  }
  return states;
}

function toWire(seq: number, { text, edited, isDeleted, isPinned, reactions, replies }: MessageState): StateOfMessage {
  return {
    seq,
    text,
    edited,
    ...(isDeleted ? { deleted: true } : {}),
    ...(isPinned ? { pinned: true } : {}),
    reactions: [...reactions].map(([emoji, users]) => ({ emoji, count: users.size, users: [...users] })),
    replies,
  } as StateOfMessage;
}

/** What the server answers when `committed` events are stored and all `events` accepted. */
function pageOf(events: readonly RoomEvent[], from: number, to: number, committed: number): HistoryPage {
  const messages = events.slice(from, to);
  const inPage = new Set(messages.map(({ seq }) => seq));
  const states = [...foldUpTo(events, committed)].filter(([seq]) => inPage.has(seq));
  return {
    messages,
    states: states.map(([seq, state]) => toWire(seq, state)),
    statesUpTo: committed,
    head: to,
    epoch: 1,
  };
}

test("pages of any age and live events in their order always give the fold of all events", () => {
  const plan = fc.record({
    changes: drawn,
    first: fc.nat(10),
    joined: fc.nat(20),
    ages: fc.array(fc.nat(30), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(plan, ({ changes, first, joined, ages }) => {
      const events = changes.map(toEvent);
      const messages = new Messages();
      const start = Math.min(joined, events.length);
      const load = (accepted: number, from: number, to: number, age: number) => {
        const committed = Math.min(Math.max(accepted - age, first), accepted);
        messages.addPage(pageOf(events.slice(0, accepted), from, to, committed));
        return committed;
      };
      const middle = Math.floor(start / 2);
      messages.durable(load(start, middle, start, ages[0] ?? 0));
      for (const event of events.slice(start)) messages.add(event);
      load(events.length, 0, middle, Math.min(ages[1] ?? 0, events.length - start));
      const expected = foldUpTo(events, events.length);
      for (const { event, state } of messages.all) expect(state).toEqual(expected.get(event.seq) ?? UNCHANGED);
      expect(messages.all.map(({ event }) => event.seq)).toEqual(
        events.filter(({ kind }) => kind === "message").map(({ seq }) => seq),
      );
    }),
  );
});

/** What a lost log leaves of `events`, of which `stored` are rows: the others come again, in the order of `order`. */
function offeredAgain(events: readonly RoomEvent[], stored: number, order: readonly number[]): RoomEvent[] {
  const again = events.slice(stored).sort((one, other) => (order[one.seq] ?? 0) - (order[other.seq] ?? 0));
  return again.map((event, at) => ({ ...event, epoch: 2, seq: 1_000 + at, was: [event.seq] }));
}

/** `foldUpTo` of all, where a target may be a lost seq. */
function foldMoved(events: readonly RoomEvent[]): Map<number, MessageState> {
  const present = new Map(events.flatMap(({ was = [], seq }) => was.map((lost) => [lost, seq] as const)));
  const renamed = events.map((event) => {
    const target = targetOf(event);
    const now = target === undefined ? undefined : (present.get(target) ?? target);
    return now === undefined ? event : { ...event, [event.kind === "message" ? "thread" : "target"]: now };
  });
  return foldUpTo(renamed as RoomEvent[], renamed.length);
}

test("what a lost log took back and gave again leaves the fold of what is left", () => {
  const plan = fc.record({
    changes: drawn,
    stored: fc.nat(15),
    order: fc.array(fc.nat(100), { minLength: 30, maxLength: 30 }),
    later: drawn,
    isDurableAtOnce: fc.boolean(),
  });
  fc.assert(
    fc.property(plan, ({ changes, stored, order, later, isDurableAtOnce }) => {
      const first = changes.map(toEvent);
      const moved = offeredAgain(first, stored, order);
      const further = later.map((one, at) => ({ ...toEvent(one, 2_000 + at), epoch: 2 }));
      const left = [...first.slice(0, stored), ...moved, ...further];
      const messages = new Messages();
      for (const event of first) messages.add(event);
      messages.durable(first.slice(0, stored).at(-1)?.seq ?? 0);
      for (const event of [...moved, ...further]) {
        messages.add(event);
        if (isDurableAtOnce) messages.durable(event.seq);
      }
      const expected = foldMoved(left);
      for (const { event, state } of messages.all) expect(state).toEqual(expected.get(event.seq) ?? UNCHANGED);
      const sent = left.filter(({ kind }) => kind === "message").map(({ seq }) => seq);
      expect(messages.all.map(({ event }) => event.seq)).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});
