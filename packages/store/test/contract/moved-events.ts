import {
  applyChange,
  type MessageState,
  newId,
  type RoomEvent,
  type RoomId,
  targetOf,
  UNCHANGED,
} from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { event, type GetStore, takeLease } from "./fixtures.ts";
import { change, MESSAGES, plain, toBody } from "./message-states.ts";

/** PGlite plans the statement anew each time, which takes it long on a busy machine. */
const PGLITE_MS = 60_000;
/** Above all numbers of the lost epoch. */
const NEXT_LIFE = 1_000;

const drawn = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 12 }),
  /** So many events are stored when the log is lost. */
  stored: fc.nat(6),
  /** The order in which several processes offer the others again. */
  order: fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
  later: fc.array(fc.record({ drawn: change, namesOldSeq: fc.boolean() }), { maxLength: 8 }),
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 40, maxLength: 40 }),
  back: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer Of> ? Of : never;

/** Events of a room whose log is lost once: what was stored of it, and behind it what is offered again and what is new. */
function livesOf(room: RoomId, { changes, stored, order, later }: Drawn): RoomEvent[] {
  const bodies = Array.from({ length: MESSAGES }, () => ({ kind: "message", target: 1, by: 0, emoji: "" }) as const);
  const first = [...bodies, ...changes].map((one, at) => event(room, at + 1, toBody(one, at + 1)));
  const again = first.slice(stored).sort((one, other) => (order[one.seq] ?? 0) - (order[other.seq] ?? 0));
  const moved = again.map((one, at) => ({ ...one, epoch: 2, seq: NEXT_LIFE + at, was: [one.seq] }));
  const seqOf = (old: number) => moved.find(({ was }) => was.includes(old))?.seq ?? old;
  const further = later.map(({ drawn: { target, ...one }, namesOldSeq }, at) => {
    const seq = NEXT_LIFE + moved.length + at;
    return { ...event(room, seq, toBody({ ...one, target: namesOldSeq ? target : seqOf(target) }, seq)), epoch: 2 };
  });
  return [...first.slice(0, stored), ...moved, ...further];
}

function foldMoved(events: readonly RoomEvent[]): Map<number, MessageState> {
  const present = new Map(events.flatMap(({ was = [], seq }) => was.map((lost) => [lost, seq] as const)));
  const states = new Map<number, MessageState>();
  for (const one of events) {
    const named = targetOf(one);
    if (named === undefined) continue;
    const target = present.get(named) ?? named;
    states.set(target, applyChange(states.get(target) ?? UNCHANGED, one));
  }
  return states;
}

/** Texts of events that a deletion concerns. */
function textsLeft(rows: readonly RoomEvent[], states: ReadonlyMap<number, MessageState>): string[] {
  return rows.flatMap((row) => {
    const message = row.kind === "edit" ? row.target : row.seq;
    return "text" in row && row.text !== "" && states.get(message)?.isDeleted === true
      ? [`${row.kind} ${row.seq}`]
      : [];
  });
}

export function movedEventsContract(getStore: GetStore): void {
  test(
    "a change finds its message under the seq that it has after a lost log, in any order and any batches",
    async () => {
      const store = getStore();
      await fc.assert(
        fc.asyncProperty(drawn, async (plan) => {
          const room = newId<RoomId>();
          const events = livesOf(room, plan);
          let lease = await takeLease(store);
          for (let at = 0, batch = 0; at < events.length; batch += 1) {
            const to = at + (plan.cuts[batch] ?? 1);
            const offset = `1-${batch}`;
            await store.events.append({
              lease,
              offset,
              events: events.slice(Math.max(at - (plan.back[batch] ?? 0), 0), to),
            });
            lease = { ...lease, offset };
            at = to;
          }
          const expected = foldMoved(events);
          const rows = await store.events.page(room, { after: 0, limit: 100 });
          const { states } = await store.events.states(room, [...rows.map(({ seq }) => seq), 1, 2, 3]);
          expect(plain(states)).toEqual(plain(expected));
          expect(textsLeft(rows, states)).toEqual([]);
        }),
        { numRuns: 30 },
      );
    },
    PGLITE_MS,
  );

  test("a log that is lost twice leaves a change with its message", async () => {
    const store = getStore();
    const room = newId<RoomId>();
    const by = { id: newId<never>(), username: "ann" };
    const message = event(room, 30, { by, kind: "message", id: newId<never>(), text: "secret", was: [10, 20] });
    const deletion = event(room, 21, { by, kind: "delete", id: newId<never>(), target: 10, was: [11] });
    const lease = await takeLease(store);
    await store.events.append({ lease, offset: "1-0", events: [deletion] });
    const emptied = await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "1-1", events: [message] });
    expect(emptied).toEqual([{ room, seq: 30 }]);
    expect(await store.events.page(room, { after: 21, limit: 1 })).toMatchObject([
      { seq: 30, text: "", was: [10, 20] },
    ]);
    expect((await store.events.states(room, [30])).states.get(30)?.isDeleted).toBe(true);
  });

  test("an append that fails behind the move leaves no text of a deleted message", async () => {
    const store = getStore();
    const room = newId<RoomId>();
    const by = { id: newId<never>(), username: "ann" };
    const edit = event(room, 25, { by, kind: "edit", id: newId<never>(), target: 10, text: "secret" });
    const message = event(room, 30, { by, kind: "message", id: newId<never>(), text: "secret", was: [10] });
    const deletion = event(room, 20, { by, kind: "delete", id: newId<never>(), target: 10 });
    const lease = await takeLease(store);
    await store.events.append({ lease, offset: "1-0", events: [deletion] });
    const stale = store.events.append({ lease, offset: "1-1", events: [edit, message] });
    await expect(stale).rejects.toThrow("no longer held");
    await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "1-1", events: [edit] });
    await store.events.append({ lease: { ...lease, offset: "1-1" }, offset: "1-2", events: [message] });
    const rows = await store.events.page(room, { after: 20, limit: 10 });
    expect(rows.map((row) => "text" in row && row.text)).toEqual(["", ""]);
  });

  test("a seq whose log came back is its own again: a move that was not followed by its event changes nothing of it", async () => {
    const store = getStore();
    const room = newId<RoomId>();
    const by = { id: newId<never>(), username: "ann" };
    const said = { by, kind: "message", id: newId<never>(), text: "secret" } as const;
    const again = event(room, 1_010, { ...said, was: [10] });
    const lease = await takeLease(store);
    const stale = store.events.append({ lease: { ...lease, offset: "gone" }, offset: "1-1", events: [again] });
    await expect(stale).rejects.toThrow("no longer held");
    const edit = event(room, 11, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [event(room, 10, said), edit] });
    const behind = { ...lease, offset: "1-0" };
    await expect(store.events.append({ lease, offset: "1-1", events: [again] })).rejects.toThrow("no longer held");
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
    const deletion = event(room, 2_001, { by, kind: "delete", id: newId<never>(), target: 10 });
    await store.events.append({ lease: behind, offset: "1-1", events: [deletion] });
    expect((await store.events.states(room, [10])).states.get(10)?.isDeleted).toBe(true);
    expect(await store.events.page(room, { after: 0, limit: 1 })).toMatchObject([{ seq: 10, text: "" }]);
  });
}
