import {
  applyChange,
  type EventBody,
  type EventId,
  type MessageState,
  newId,
  type RoomEvent,
  type RoomId,
  targetOf,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRoom, event, type GetStore, message, takeLease } from "./fixtures.ts";

export const MESSAGES = 3;
const EMOJI = ["👍", "🎉"];
const authors = ["ann", "bob"].map((username) => ({ id: newId<UserId>(), username }));

/** One event about one of the first messages, drawn as numbers. */
export const change = fc.record({
  kind: fc.constantFrom("edit", "edit", "delete", "react", "react", "unreact", "pin", "unpin", "reply", "message"),
  target: fc.integer({ min: 1, max: MESSAGES }),
  by: fc.nat(authors.length - 1),
  emoji: fc.constantFrom(...EMOJI),
});
export type Change = typeof change extends fc.Arbitrary<infer Drawn> ? Drawn : never;

export function toBody({ kind, target, by: author, emoji }: Change, seq: number): EventBody {
  const by = authors[author] ?? { id: newId<UserId>(), username: "nobody" };
  const id = newId<EventId>();
  switch (kind) {
    case "edit":
      return { by, kind, id, target, text: `edit ${seq}` };
    case "delete":
      return { by, kind, id, target };
    case "react":
      return { by, kind, id, target, emoji };
    case "unreact":
      return { by, kind: "react", id, target, emoji, remove: true };
    case "pin":
      return { by, kind, id, target };
    case "unpin":
      return { by, kind: "pin", id, target, remove: true };
    case "reply":
      return { by, kind: "message", id, text: `reply ${seq}`, thread: target };
    default:
      return { by, kind: "message", id, text: `text ${seq}` };
  }
}

function foldAll(events: readonly RoomEvent[]): Map<number, MessageState> {
  const states = new Map<number, MessageState>();
  for (const one of events) {
    const target = targetOf(one);
    if (target !== undefined) states.set(target, applyChange(states.get(target) ?? UNCHANGED, one));
  }
  return states;
}

/** Without what has no order: emoji. Users are in the order in which they reacted. */
export function plain(states: ReadonlyMap<number, MessageState>) {
  const sorted = ({ reactions, ...state }: MessageState) => ({
    ...state,
    reactions: [...reactions]
      .map(([emoji, users]) => [emoji, [...users]] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  });
  return [...states].map(([seq, state]) => [seq, sorted(state)] as const).sort(([one], [other]) => one - other);
}

/** A text that a newer edit of a message replaces; the message is not deleted. */
function isFormer(row: RoomEvent, states: ReadonlyMap<number, MessageState>): boolean {
  const { edited, isDeleted } = states.get(row.kind === "edit" ? row.target : row.seq) ?? UNCHANGED;
  return edited !== undefined && !isDeleted && row.seq < edited.seq;
}

export function messageStatesContract(getStore: GetStore): void {
  test("the projection is the fold of all events, whatever the batches and however often they are read", async () => {
    const store = getStore();
    const drawn = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 25 }),
      cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 30, maxLength: 30 }),
      back: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ changes, cuts, back }) => {
        const room = newId<RoomId>();
        const first = Array.from(
          { length: MESSAGES },
          () => ({ kind: "message", target: 1, by: 0, emoji: "" }) as const,
        );
        const events = [...first, ...changes].map((one, at) => event(room, at + 1, toBody(one, at + 1)));
        let lease = await takeLease(store);
        for (let at = 0, batch = 0; at < events.length; batch += 1) {
          const from = Math.max(at - (back[batch] ?? 0), 0);
          const to = at + (cuts[batch] ?? 1);
          const offset = `1-${batch}`;
          await store.events.append({ lease, offset, events: events.slice(from, to) });
          lease = { ...lease, offset };
          at = to;
        }
        const { states, head } = await store.events.states(room, [1, 2, 3]);
        expect(head).toBe(events.length);
        expect(plain(states)).toEqual(plain(foldAll(events)));
      }),
      { numRuns: 40 },
    );
  });

  test("the projection is the fold of the stored rows of a long thread, also when batches come again, late and mixed", async () => {
    const store = getStore();
    const reply = { kind: "reply", target: 1, by: 0, emoji: "" } as const;
    // Of a message that is deleted early little is seen.
    const rarelyDeleted = change.map((one) =>
      one.kind === "delete" && one.target !== MESSAGES ? { ...one, kind: "react" as const } : one,
    );
    const drawn = fc.record({
      changes: fc.array(fc.oneof(rarelyDeleted, rarelyDeleted, fc.constant(reply)), { minLength: 60, maxLength: 100 }),
      size: fc.integer({ min: 3, max: 15 }),
      /** Batches by their places: most come more than once, and some before others with lower seqs. */
      order: fc.array(fc.nat(), { minLength: 9, maxLength: 12, size: "max" }),
      keepsRevisions: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ changes, size, order, keepsRevisions }) => {
        const { room, owner } = await createRoom(store);
        if (!keepsRevisions) await store.rooms.change(room, { settings: { keepRevisions: false } }, { by: owner.id });
        const events = changes.map((one, at) => event(room, MESSAGES + at + 1, toBody(one, MESSAGES + at + 1)));
        const batches = Array.from({ length: Math.ceil(events.length / size) }, (_none, at) =>
          events.slice(at * size, (at + 1) * size),
        );
        const first = Array.from({ length: MESSAGES }, (_none, at) =>
          event(room, at + 1, toBody({ ...reply, kind: "message" }, at + 1)),
        );
        let lease = await takeLease(store);
        const stored = new Map<number, RoomEvent>();
        let before: RoomEvent[] = [];
        for (const [at, batch] of [first, ...order.map((place) => batches[place % batches.length] ?? [])].entries()) {
          const offset = `1-${at}`;
          await store.events.append({ lease, offset, events: [...before.slice(size / 2), ...batch] });
          lease = { ...lease, offset };
          before = batch;
          for (const one of batch) stored.set(one.seq, one);
          const { states } = await store.events.states(room, [1, 2, 3]);
          expect(plain(states)).toEqual(plain(foldAll([...stored.values()].sort((one, other) => one.seq - other.seq))));
          const rows = await store.events.page(room, { after: 0, limit: 200 });
          const former = rows.filter((row) => isFormer(row, states));
          expect(former.filter((row) => "text" in row && (row.text !== "") !== keepsRevisions)).toEqual([]);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  test("users stay in the order in which they reacted: again changes nothing, and removed and again is the last", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const one = (kind: Change["kind"], by: number, seq: number) =>
      event(room, seq, toBody({ kind, by, target: 1, emoji: "👍" }, seq));
    const batches = [
      [one("message", 0, 1), one("react", 0, 2), one("react", 1, 3)],
      [one("react", 0, 4)],
      [one("unreact", 0, 5), one("react", 0, 6), one("react", 0, 7)],
    ];
    let lease = await takeLease(store);
    const [ann, bob] = authors.map(({ id }) => id);
    for (const [at, users] of [
      [ann, bob],
      [ann, bob],
      [bob, ann],
    ].entries()) {
      await store.events.append({ lease, offset: `1-${at}`, events: batches[at] ?? [] });
      lease = { ...lease, offset: `1-${at}` };
      const { states } = await store.events.states(room, [1]);
      expect([...(states.get(1)?.reactions.get("👍") ?? [])]).toEqual(users);
    }
  });

  test("reactions that are added and removed in one batch, or late, are those of the fold", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const one = (kind: Change["kind"], by: number, seq: number, emoji = "👍") =>
      event(room, seq, toBody({ kind, by, target: 1, emoji }, seq));
    const batches = [
      [one("message", 0, 1), one("react", 0, 10), one("react", 1, 11)],
      [one("react", 0, 20, "🎉"), one("unreact", 0, 21, "🎉")],
      [one("unreact", 0, 22), one("react", 0, 23), one("unreact", 0, 24)],
      [one("react", 0, 30), one("unreact", 1, 31), one("react", 1, 32)],
      // Late: in front of what is stored.
      [one("unreact", 0, 25), one("react", 0, 26)],
      [one("unreact", 1, 33), one("unreact", 0, 29)],
      [one("react", 1, 12), one("react", 0, 40), one("unreact", 0, 41), one("react", 0, 42)],
      [one("react", 1, 34), one("delete", 0, 50), one("react", 1, 51)],
      [one("react", 0, 45)],
    ];
    let lease = await takeLease(store);
    const stored: RoomEvent[] = [];
    for (const [at, events] of batches.entries()) {
      await store.events.append({ lease, offset: `1-${at}`, events: [...(batches[at - 1] ?? []), ...events] });
      lease = { ...lease, offset: `1-${at}` };
      stored.push(...events);
      const { states } = await store.events.states(room, [1]);
      expect(plain(states)).toEqual(plain(foldAll(stored.toSorted((a, b) => a.seq - b.seq))));
    }
  });

  test("a room that keeps no earlier texts keeps the newest one only, however edits are batched, late or deleted", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    await store.rooms.change(room, { settings: { keepRevisions: false } }, { by: by.id });
    const edit = (seq: number, target = 1) =>
      event(room, seq, { by, kind: "edit", id: newId<EventId>(), target, text: `edit ${seq}` });
    const [said, other] = [1, 2].map((seq) => message(room, by, seq));
    const deletion = event(room, 50, { by, kind: "delete", id: newId<EventId>(), target: 1 });
    if (said === undefined || other === undefined) throw new Error("unreachable");
    const steps: [RoomEvent[], left: number[]][] = [
      [
        [said, other],
        [1, 2],
      ],
      [[edit(10)], [2, 10]],
      [
        [edit(20), edit(21), edit(30, 2)],
        [21, 30],
      ],
      [
        [edit(15), edit(22)],
        [22, 30],
      ],
      [[edit(16)], [22, 30]],
      [[edit(23), deletion, edit(51)], [30]],
      [[edit(17), edit(29, 2), edit(31, 2)], [31]],
    ];
    let lease = await takeLease(store);
    let before: RoomEvent[] = [];
    for (const [at, [events, left]] of steps.entries()) {
      await store.events.append({ lease, offset: `1-${at}`, events: [...before, ...events] });
      lease = { ...lease, offset: `1-${at}` };
      before = events;
      const rows = await store.events.page(room, { after: 0, limit: 50 });
      expect(rows.flatMap((row) => ("text" in row && row.text !== "" ? [row.seq] : []))).toEqual(left);
    }
  });

  test("no text of a deleted message is left in any row, also of an edit that comes behind the deletion", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const id = () => newId<EventId>();
    const bodies: EventBody[] = [
      { by, kind: "message", id: id(), text: "secret @bob", mentions: { names: ["bob"] } },
      { by, kind: "edit", id: id(), target: 1, text: "secret, edited" },
      { by, kind: "delete", id: id(), target: 1 },
      { by, kind: "edit", id: id(), target: 1, text: "secret, late" },
      { by, kind: "message", id: id(), text: "other" },
    ];
    const events = bodies.map((body, at) => event(room, at + 1, body));
    const lease = await takeLease(store);
    await store.events.append({ lease, offset: "1-0", events: events.slice(0, 2) });
    await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "1-1", events: events.slice(2, 3) });
    await store.events.append({ lease: { ...lease, offset: "1-1" }, offset: "1-2", events: events.slice(3) });
    const rows = await store.events.page(room, { after: 0, limit: 10 });
    expect(rows.map((row) => ("text" in row ? row.text : null))).toEqual(["", "", null, "", "other"]);
    expect(rows[0]).not.toHaveProperty("mentions");
    const inOneBatch = await createRoom(store);
    await store.events.append({
      lease: await takeLease(store),
      offset: "1-0",
      events: events.map((one) => ({ ...one, room: inOneBatch.room })),
    });
    const again = await store.events.page(inOneBatch.room, { after: 0, limit: 10 });
    expect(again[0]).not.toHaveProperty("mentions");
    expect(again.map((row) => ("text" in row ? row.text : null))).toEqual(["", "", null, "", "other"]);
  });
}
