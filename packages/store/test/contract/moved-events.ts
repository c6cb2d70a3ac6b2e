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
import type { Store } from "../../src/store.ts";
import {
  createRoom,
  createUser,
  event,
  fresh,
  freshNumber,
  type GetStore,
  HOUR_MS,
  message,
  takeLease,
} from "./fixtures.ts";
import { change, MESSAGES, plain, toBody } from "./message-states.ts";

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
  /** Before this batch the store is told of the seqs between. */
  toldAt: fc.nat(12),
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
  const further = later.map(({ drawn: { target: first, ...one }, names }, at) => {
    const seq = NEXT_LIFE + moved.length + at;
    const former = names === "between" && first <= stored ? BETWEEN + first : first;
    return {
      ...event(room, seq, toBody({ ...one, target: names === "present" ? seqOf(first) : former }, seq)),
      epoch: 2,
    };
  });
  return [...first.slice(0, stored), ...moved, ...further];
}

/** What the store is told: the messages that it has from the first log. */
function toldOf({ stored }: Drawn): { user: UserId; seq: number; was: number[] }[] {
  return Array.from({ length: Math.min(stored, MESSAGES) }, (_none, at) => {
    return { user: newId<UserId>(), seq: at + 1, was: [BETWEEN + at + 1] };
  });
}

function foldMoved(events: readonly RoomEvent[], told: ReturnType<typeof toldOf>): Map<number, MessageState> {
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
  test("a change finds its message under the seq that it has after a lost log, in any order and any batches", async () => {
    const store = getStore();
    await fc.assert(
      fc.asyncProperty(drawn, async (plan) => {
        const room = newId<RoomId>();
        const events = livesOf(room, plan);
        const told = toldOf(plan);
        let lease = await takeLease(store);
        const tell = async () => {
          await store.events.moved(lease.shard, room, told);
          lease = { ...lease, token: lease.token + 1 };
        };
        let batches = 0;
        for (let at = 0; at < events.length; batches += 1) {
          const batch = batches;
          if (batch === plan.toldAt) await tell();
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
        if (batches <= plan.toldAt) await tell();
        const expected = foldMoved(events, told);
        const rows = await store.events.page(room, { after: 0, limit: 100 });
        const { states } = await store.events.states(room, [...rows.map(({ seq }) => seq), 1, 2, 3]);
        expect(plain(states)).toEqual(plain(expected));
        expect(textsLeft(rows, states)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

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

  test("a writer without the lease moves nothing, however late it comes", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const lease = await takeLease(store);
    const edit = event(room, 20, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [edit] });
    const stale = (seq: number) => ({ lease, offset: "1-1", events: [{ ...message(room, by, seq), was: [10] }] });
    await expect(store.events.append(stale(40))).rejects.toThrow("no longer held");
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
    const held = { ...lease, offset: "1-0" };
    await store.events.append({ lease: held, offset: "1-1", events: [{ ...message(room, by, 30), was: [10] }] });
    await expect(store.events.append(stale(40))).rejects.toThrow("no longer held");
    const deletion = event(room, 31, { by, kind: "delete", id: newId<never>(), target: 10 });
    await store.events.append({ lease: { ...lease, offset: "1-1" }, offset: "1-2", events: [deletion] });
    const { states } = await store.events.states(room, [10, 30, 40]);
    expect([...states.keys()]).toEqual([30]);
    expect(states.get(30)?.isDeleted).toBe(true);
  });

  test.each(["before", "behind"])(
    "a message that is stored takes changes by another seq that it had, told %s they are stored",
    async (order) => {
      const store = getStore();
      const { room, owner } = await createRoom(store);
      const author = await createUser(store);
      const other = (seq: number, target: number) =>
        event(room, seq, { by: owner, kind: "delete", id: newId<never>(), target });
      const lease = await takeLease(store);
      const tell = () =>
        store.events.moved(lease.shard, room, [
          { user: author.id, seq: 10, was: [50] },
          { user: author.id, seq: 12, was: [52] },
        ]);
      await store.events.append({ lease, offset: "1-0", events: [message(room, author, 10, "secret")] });
      const changes = { lease: { ...lease, offset: "1-0" }, offset: "1-1", events: [other(20, 50)] };
      if (order === "before") {
        await tell();
        // What waited for the row of the shard has not seen it.
        await expect(store.events.append(changes)).rejects.toThrow("no longer held");
        await store.events.append({ ...changes, lease: { ...changes.lease, token: lease.token + 1 } });
      } else {
        await store.events.append(changes);
        await tell();
        await tell();
      }
      const { states } = await store.events.states(room, [10, 50]);
      expect([...states.keys()]).toEqual([10]);
      expect(states.get(10)?.isDeleted).toBe(true);
      const rows = await store.events.page(room, { after: 0, limit: 9 });
      expect(rows).toMatchObject([
        { seq: 10, text: "" },
        { seq: 20, target: 10 },
      ]);
      expect(rows[0]).not.toHaveProperty("was");
      const { entries } = await store.audit.list({ room, act: "message_delete" }, { limit: 9 });
      expect(entries).toMatchObject([{ actor: owner.id, subject: author.id, seq: 10 }]);
      // Its message is only in the log as yet.
      const held = { ...lease, token: lease.token + (order === "before" ? 1 : 2), offset: "1-1" };
      const later = [message(room, author, 12), other(21, 52)];
      await store.events.append({ lease: held, offset: "1-2", events: later });
      expect((await store.events.states(room, [12])).states.get(12)?.isDeleted).toBe(true);
    },
  );

  test("a shard that nobody has written yet can be told of moved events", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const shard = freshNumber();
    await store.events.moved(shard, room, [{ user: by.id, seq: 10, was: [50] }]);
    const lease = await store.shards.acquire(shard, fresh("writer"), HOUR_MS);
    if (lease === null) throw new Error("the shard is taken");
    const edit = event(room, 51, { by, kind: "edit", id: newId<never>(), target: 50, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [message(room, by, 10), edit] });
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
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

  furtherContract(getStore);
}

/** Appends one batch for each list, in order. */
async function appendAll(store: Store, batches: readonly (readonly RoomEvent[])[]): Promise<void> {
  let lease = await takeLease(store);
  for (const [at, events] of batches.entries()) {
    await store.events.append({ lease, offset: `1-${at}`, events });
    lease = { ...lease, offset: `1-${at}` };
  }
}

/** What hangs on a message beside its state. */
function furtherContract(getStore: GetStore): void {
  test("a thread is followed under the seq that its first message has after a lost log", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [writing, mentioned, silent, late] = await Promise.all(Array.from({ length: 4 }, () => createUser(store)));
    if (!writing || !mentioned || !silent || !late) throw new Error("unreachable");
    for (const user of [writing, mentioned, silent, late]) await store.members.add(room, user.id, "member");
    const reply = (seq: number, by = writing, names: string[] = []) =>
      event(room, seq, {
        ...{ by, kind: "message", id: newId<never>(), text: "reply", thread: 10 },
        ...(names.length === 0 ? {} : { mentions: { names } }),
      });
    const root = { ...message(room, owner, 30), was: [10] };
    await appendAll(store, [[reply(20, writing, [mentioned.username]), reply(21, silent)], [reply(22)]]);
    await store.threads.follow(silent.id, room, 10, false);
    await appendAll(store, [[root, { ...reply(31, late), was: [11] }]]);
    const page = { before: { at: Number.MAX_SAFE_INTEGER, room, seq: 0 }, limit: 9 };
    const followed = async ({ id }: { id: typeof owner.id }) =>
      (await store.threads.followed(id, page)).map(({ seq, count }) => [seq, count]);
    for (const user of [owner, writing, mentioned, late]) expect(await followed(user)).toEqual([[30, 4]]);
    expect(await followed(silent)).toEqual([]);
    await appendAll(store, [[reply(32, silent)]]);
    expect(await followed(silent)).toEqual([]);
  });

  test("a moderator's deletion is in the audit once, also when it is stored before its message", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const author = await createUser(store);
    const deletion = (seq: number, by = owner, target = 10) =>
      event(room, seq, { by, kind: "delete", id: newId<never>(), target });
    const own = deletion(22, author, 11);
    const messages = [30, 31].map((seq, at) => ({ ...message(room, author, seq), was: [10 + at] }));
    await appendAll(store, [[deletion(20)], [deletion(21), own], messages, [deletion(40)], messages]);
    const { entries } = await store.audit.list({ room, act: "message_delete" }, { limit: 9 });
    expect(entries).toMatchObject([{ actor: owner.id, subject: author.id, seq: 30 }]);
  });

  test("a reply names the present seq of its message, whichever of them is stored first", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const reply = (seq: number) => ({
      ...event(room, seq, { by, kind: "message", id: newId<never>(), text: "reply", replyTo: 10 }),
      was: [seq - 9],
    });
    await appendAll(store, [[reply(20)], [reply(21), { ...message(room, by, 30), was: [10] }, reply(31)], [reply(32)]]);
    const rows = await store.events.page(room, { after: 0, limit: 9 });
    expect(rows.map((row) => [row.seq, "replyTo" in row ? row.replyTo : undefined])).toEqual([
      [20, 30],
      [21, 30],
      [30, undefined],
      [31, 30],
      [32, 30],
    ]);
  });

  test("a change that is sent again with the seq that its message had is found", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const edit = event(room, 31, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await appendAll(store, [
      [
        { ...message(room, by, 30), was: [10] },
        { ...edit, was: [11] },
      ],
    ]);
    const key = { user: by.id, id: edit.id };
    for (const target of [10, 30]) expect(await store.threads.sentChange(room, target, key)).toMatchObject({ seq: 31 });
    expect(await store.threads.sentChange(room, 11, key)).toBeNull();
  });
}
