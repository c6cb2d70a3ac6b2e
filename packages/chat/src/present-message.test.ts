import type { Timeline } from "@hubbub/broker";
import {
  type EventBody,
  type EventId,
  encodeEventBody,
  encodeEventHead,
  type MessageState,
  newId,
  type RoomId,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { Changes } from "./changes.ts";
import { readMessage } from "./present-message.ts";

const room = newId<RoomId>();
const by = { id: newId<UserId>(), username: "ann" };
const id = () => newId<EventId>();

function event(seq: number, body: EventBody) {
  return { seq, frame: Buffer.from(encodeEventHead(room, 2, seq, seq) + encodeEventBody(body)) };
}

/** A room whose newest events are not stored. `stored`: states up to `head`. */
function sourcesOf(events: ReturnType<typeof event>[], head: number, stored: [number, Partial<MessageState>][]) {
  const newest = events.at(-1)?.seq ?? 0;
  const all = new Map(stored.map(([seq, state]) => [seq, { ...UNCHANGED, ...state }]));
  const timeline: Timeline = {
    after: async (_room, since, to, limit) => ({
      events: events.filter(({ seq }) => seq > since && seq <= to).slice(0, limit),
      holes: [],
      to,
    }),
  };
  const states = async (_room: RoomId, seqs: readonly number[]) => ({
    states: new Map([...all].filter(([seq]) => seqs.includes(seq))),
    head,
  });
  const log = { heads: async () => [{ epoch: 2, seq: newest, durable: head }] };
  return { log, timeline, store: { events: { states }, threads: {} } as never };
}

const message = event(30, { by, kind: "message", id: id(), text: "secret", was: [10, 20] });

test.each([10, 20])(
  "a deletion that was stored before its moved message, as one of seq %i, is in its state",
  async (seq) => {
    const present = await readMessage(sourcesOf([message], 25, [[seq, { isDeleted: true }]]), room, 30);
    expect(present?.state.isDeleted).toBe(true);
  },
);

test("changes under all seqs that a message had are in its state, with those that are not stored", async () => {
  const edit = event(31, { by, kind: "edit", id: id(), target: 10, text: "third" });
  const [ann, bob] = [newId<UserId>(), newId<UserId>()];
  const stored: [number, Partial<MessageState>][] = [
    [10, { text: "second", edited: { seq: 22, at: 22, count: 1 }, reactions: new Map([["👍", new Set([ann])]]) }],
    [20, { text: "first", edited: { seq: 21, at: 21, count: 1 }, isPinned: true, replies: { count: 1, last: 24 } }],
    [30, { reactions: new Map([["👍", new Set([bob])]]), replies: { count: 2, last: 25 } }],
  ];
  expect((await readMessage(sourcesOf([message], 25, stored), room, 30))?.state).toEqual({
    text: "second",
    edited: { seq: 22, at: 22, count: 2 },
    isDeleted: false,
    isPinned: true,
    reactions: new Map([["👍", new Set([ann, bob])]]),
    replies: { count: 3, last: 25 },
  });
  const present = await readMessage(sourcesOf([message, edit], 25, stored), room, 30);
  expect(present?.state).toMatchObject({ text: "third", edited: { seq: 31, count: 3 } });
});

test("G8 while the writer is behind, changes of missing messages read a bounded number of events for a user and a room", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const [head, newest] = [100, 4_100];
  const [ann, ...others] = Array.from({ length: 9 }, () => ({ id: newId<UserId>(), username: "ann" }));
  const text = event(1, { by, kind: "message", id: id(), text: "a" }).frame;
  let read = 0;
  const timeline: Timeline = {
    after: async (_room, since, to, limit) => {
      const until = Math.min(since + limit, to);
      if (limit > 1) read += until - since;
      return {
        events: Array.from({ length: limit > 1 ? until - since : 0 }, () => ({ seq: 1, frame: text })),
        holes: [],
        to: until,
      };
    },
  };
  const events = { states: async () => ({ states: new Map(), head }), head: async () => ({ seq: head, epoch: 2 }) };
  const log = { heads: async () => [{ epoch: 2, seq: newest, durable: head }] };
  const store = { events, threads: { sentChange: async () => null } } as never;
  const changes = new Changes({ log, timeline, store, editWindowMs: 0, mentionAllMaxMembers: 0 });
  const pin = async (by = ann, of = room) => {
    if (by === undefined) throw new Error("unreachable");
    const change = { type: "pin", target: 50 } as const;
    const standing = { role: "owner", from: 0 } as const;
    return await changes
      .check({ room: of, by, standing, id: id(), change })
      .catch(({ code, limit }) => [code, limit?.name]);
  };
  expect(await pin()).toEqual(["unknown_message", undefined]);
  const refusals = [];
  for (let at = 0; at < 20; at += 1) refusals.push(await pin());
  expect(refusals.at(-1)).toEqual(["rate_limited", "user_unstored_events"]);
  expect(read).toBeLessThan(13_000);
  const ofRoom = [];
  for (const other of [...others, ...others]) ofRoom.push(await pin(other));
  expect(ofRoom.at(-1)).toEqual(["rate_limited", "room_unstored_events"]);
  expect(read).toBeLessThan(48_000);
  expect(await pin(others[0], newId<RoomId>())).toEqual(["unknown_message", undefined]);
});
