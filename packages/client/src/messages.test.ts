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
