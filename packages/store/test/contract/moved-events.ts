import {
  applyChange,
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
import { event, type GetStore, takeLease } from "./fixtures.ts";
import { change, MESSAGES, plain, toBody } from "./message-states.ts";

/** PGlite plans the statement anew each time, which takes it long on a busy machine. */
const PGLITE_MS = 60_000;
/** Above all numbers of the lost epoch. */
const NEXT_LIFE = 1_000;
/** Of a message that is stored: it was offered again in a second life, whose log is lost, and then the first log came back. */
const BETWEEN = 500;

const drawn = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 12 }),
  /** So many events are stored when the log is lost. */
  stored: fc.nat(6),
  /** The order in which several processes offer the others again. */
  order: fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
  later: fc.array(fc.record({ drawn: change, names: fc.constantFrom("present", "former", "between") }), {
    maxLength: 8,
  }),
  /** Messages that another process was sent again: they do not name the seqs that they lost. */
  elsewhere: fc.array(fc.boolean(), { minLength: MESSAGES, maxLength: MESSAGES }),
  /** Before this batch the store is told of the seqs between, and of those that are not named. */
  toldAt: fc.nat(12),
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 40, maxLength: 40 }),
  back: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer Of> ? Of : never;

/** Events of a room whose log is lost once: what was stored of it, and behind it what is offered again and what is new. */
function livesOf(
  room: RoomId,
  { changes, stored, order, later, elsewhere }: Drawn,
): { events: RoomEvent[]; told: Told[] } {
  const bodies = Array.from({ length: MESSAGES }, () => ({ kind: "message", target: 1, by: 0, emoji: "" }) as const);
  const first = [...bodies, ...changes].map((one, at) => event(room, at + 1, toBody(one, at + 1)));
  const again = first.slice(stored).sort((one, other) => (order[one.seq] ?? 0) - (order[other.seq] ?? 0));
  const moved = again.map((one, at) => ({ ...one, epoch: 2, seq: NEXT_LIFE + at, was: [one.seq] }));
  const seqOf = (old: number) => moved.find(({ was }) => was.includes(old))?.seq ?? old;
  const further = later.map(({ drawn: { target: first, ...one }, names }, at) => {
    const seq = NEXT_LIFE + moved.length + at;
    const former = names === "between" && first <= stored ? BETWEEN + first : first;
    return {
      ...event(room, seq, toBody({ ...one, target: names === "present" ? seqOf(first) : former }, seq)),
      epoch: 2,
    };
  });
  const isNameless = ({ was: [old = 0] }: { was: number[] }) => elsewhere[old - 1] === true;
  const named = moved.map(({ was, ...one }): RoomEvent => (isNameless({ was }) ? one : { ...one, was }));
  const nameless = moved.filter(isNameless).map(({ seq, was, by }) => ({ user: by.id, seq, was }));
  return { events: [...first.slice(0, stored), ...named, ...further], told: [...returned(stored), ...nameless] };
}

interface Told {
  readonly user: UserId;
  readonly seq: number;
  readonly was: number[];
}

/** The messages that the store has from the first log. */
function returned(stored: number): Told[] {
  return Array.from({ length: Math.min(stored, MESSAGES) }, (_none, at) => {
    return { user: newId<UserId>(), seq: at + 1, was: [BETWEEN + at + 1] };
  });
}

/** As a writer reads the log that was there when the store was told. */
function behindChanges(event: RoomEvent): RoomEvent {
  return event.kind === "message" ? { was: [], ...event } : event;
}

function foldMoved(events: readonly RoomEvent[], told: readonly Told[]): Map<number, MessageState> {
  const known = [...events, ...told];
  const present = new Map(known.flatMap(({ was = [], seq }) => was.map((lost) => [lost, seq] as const)));
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
          const { events, told } = livesOf(room, plan);
          let lease = await takeLease(store);
          const tell = async () => {
            await store.events.moved(
              lease.shard,
              told.map((one) => ({ ...one, room })),
            );
            lease = { ...lease, token: lease.token + 1 };
          };
          let batches = 0;
          for (let at = 0; at < events.length; batches += 1) {
            const batch = batches;
            if (batch === plan.toldAt) await tell();
            const to = at + (plan.cuts[batch] ?? 1);
            const offset = `1-${batch}`;
            const read = events.slice(Math.max(at - (plan.back[batch] ?? 0), 0), to);
            await store.events.append({
              lease,
              offset,
              events: batch < plan.toldAt ? read : read.map(behindChanges),
            });
            lease = { ...lease, offset };
            at = to;
          }
          if (batches <= plan.toldAt) await tell();
          const expected = foldMoved(events, told);
          const rows = await store.events.page(room, { after: 0, limit: 100 });
          const { states } = await store.events.states(room, [...rows.map(({ seq }) => seq), 1, 2, 3]);
          expect(plain(states)).toEqual(plain(expected));
          expect(textsLeft(rows, states)).toEqual([]);
        }),
        { numRuns: 20 },
      );
    },
    PGLITE_MS,
  );
}
