import { chainFaults, type EventBody, newId, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createRoom, event, fresh, freshNumber, HOUR_MS, messages, storeEvents } from "../test/contract/fixtures.ts";
import { storeContract } from "../test/store-contract.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { append } from "./append.ts";
import { arrayText } from "./array-text.ts";
import { createChains } from "./chains.ts";
import type { Statement } from "./database.ts";
import { deadLetter } from "./dead-letter.ts";
import { openPostgres } from "./postgres.ts";
import { type Lease, LeaseLost, type Store } from "./store.ts";
import { isUnavailable } from "./unavailable.ts";

let database: StoreDatabase;
let store: Store;
beforeAll(async () => {
  database = await createStoreDatabase(inject("postgresUrl"));
  store = database.openStore({ poolMax: 10 });
  await store.migrate();
});
afterAll(() => database[Symbol.asyncDispose]());

describe("the store on Postgres", () => storeContract(() => store));

test("a state that is missing although its rows exist is computed anew, and hides the texts of a deleted message", async () => {
  const { room, owner: by } = await createRoom(store);
  const change = (seq: number, body: object) => event(room, seq, { by, id: newId(), ...body } as EventBody);
  const react = (seq: number, target: number) => change(seq, { kind: "react", target, emoji: "👍" });
  const pin = (seq: number, target: number) => change(seq, { kind: "pin", target });
  const edit = (seq: number, target: number) => change(seq, { kind: "edit", target, text: `edit ${seq}` });
  const said = messages(room, by, 2);
  await storeEvents(store, [...said, edit(3, 1), react(4, 1), change(5, { kind: "delete", target: 2 })]);
  const client = await database.connect();
  await client.query("delete from hubbub.message_state where room_id = $1", [room]);
  await storeEvents(store, [pin(6, 1), edit(7, 2)]);
  const { states } = await store.events.states(room, [1, 2]);
  expect(states.get(1)).toMatchObject({ text: "edit 3", edited: { seq: 3, count: 1 }, isPinned: true });
  expect(states.get(1)?.reactions.get("👍")).toEqual(new Set([by.id]));
  expect(states.get(2)).toMatchObject({ isDeleted: true, text: undefined });
  const rows = await store.events.page(room, { after: 0, limit: 9 });
  expect(rows.flatMap((row) => ("text" in row ? [row.text] : []))).toEqual(["text 1", "", "edit 3", ""]);
});

test("G3 a batch that waits behind a change of hands does not commit", async () => {
  const { room, owner } = await createRoom(store);
  const lease = await takeOverLease();
  const rival = await database.connect();
  await rival.query("begin");
  await rival.query("update hubbub.shards set token = token + 1 where shard = $1", [lease.shard]);
  const batch = store.events.append({ lease, offset: "1-0", events: messages(room, owner, 3) });
  const refused = expect(batch).rejects.toBeInstanceOf(LeaseLost);
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(1);
  await rival.query("commit");
  await refused;
  expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([]);
});

test("G2 the next owner waits for the batch under way and starts behind it", async () => {
  const { room, owner } = await createRoom(store);
  const lease = await takeOverLease();
  const gate = await database.connect();
  await gate.query("begin");
  // A row with the key of the batch's last one, not yet committed: the batch has to wait for its fate.
  const row =
    "insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id) values ($1, 3, 1, 1, 'x', $1, 'x')";
  await gate.query(row, [room]);
  const batch = store.events.append({ lease, offset: "4-2", events: messages(room, owner, 3) });
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(1);
  const next = store.shards.acquire(lease.shard, fresh("writer"), HOUR_MS);
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(2);
  await gate.query("rollback");
  await batch;
  expect(await next).toEqual({ shard: lease.shard, token: 2, offset: "4-2" });
  expect(await store.events.page(room, { after: 0, limit: 9 })).toHaveLength(3);
});

test("G3 a seal waits for the batch under way: a look behind it sees all there will be", async () => {
  const { room, owner } = await createRoom(store);
  const lease = await takeOverLease();
  const gate = await database.connect();
  await gate.query("begin");
  const row =
    "insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id) values ($1, 3, 1, 1, 'x', $1, 'x')";
  await gate.query(row, [room]);
  const events = messages(room, owner, 3);
  const batch = store.events.append({ lease, offset: "one/4-2", events });
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(1);
  const asked = events.map(({ by, id }) => ({ user: by.id, id }));
  const sealed = store.shards.seal(lease.shard, "two/0-0").then(() => store.events.stored(room, { after: 0 }, asked));
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(2);
  await gate.query("rollback");
  await batch;
  expect(await sealed).toHaveLength(3);
});

/** Of the keys $1 and $2, the rows that the journal does not name in the transaction that inserted them. */
const UNJOURNALED = `
  select e.room_id, e.seq, e.kind from hubbub.events e
  join unnest($1::uuid[], $2::bigint[]) as inserted (room_id, seq) on (e.room_id, e.seq) = (inserted.room_id, inserted.seq)
  where e.kind in ('message', 'edit', 'delete', 'pin') and not exists (
    select from hubbub.search_journal j cross join unnest(j.rooms, j.lows, j.highs) as d (room_id, low, high)
    where j.xmin = e.xmin and d.room_id = e.room_id and e.seq between d.low and d.high
  )`;
const target = fc.integer({ min: 1, max: 9 });
/** `was`: seqs that the event had in a lost epoch, among those that changes name. */
const anyBody = fc.oneof(
  fc.record({ kind: fc.constant("message"), text: fc.constant("a") }),
  fc.record({ kind: fc.constant("message"), text: fc.constant("moved"), was: fc.tuple(target) }),
  fc.record({ kind: fc.constantFrom("edit", "delete", "pin"), target, text: fc.constant("b") }),
  fc.record({ kind: fc.constant("react"), target, emoji: fc.constant("👍") }),
);
const anyBatch = fc.array(fc.record({ at: fc.nat({ max: 2 }), body: anyBody, isRepeated: fc.boolean() }), {
  ...{ minLength: 1, maxLength: 12 },
});

test("the journal of search names every message, edit, deletion and pin in the transaction that inserts it", async () => {
  const client = await database.connect();
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { minLength: 1, maxLength: 4 }), async (batches) => {
      const rooms = [0, 1, 2].map(() => newId<RoomId>());
      const stored: RoomEvent[] = [];
      for (const batch of batches) {
        await client.query("delete from hubbub.search_journal");
        const inserted = batch.map(({ at, body }, nth): RoomEvent => {
          const by = { id: newId<UserId>(), username: "ann" };
          return event(rooms[at] ?? newId(), 1_000 + stored.length + nth, { by, id: newId(), ...body } as EventBody);
        });
        const repeated = stored.filter((_, nth) => batch[nth]?.isRepeated);
        await storeEvents(store, [...repeated, ...inserted]);
        stored.push(...inserted);
        const keys = [inserted.map(({ room }) => room), inserted.map(({ seq }) => seq)];
        expect((await client.query(UNJOURNALED, keys)).rows).toEqual([]);
        const isSearched = [...repeated, ...inserted].filter(({ kind }) => kind !== "react").length;
        const { rows } = await client.query(
          "select sum(events)::int as events from hubbub.search_journal having count(*) = 1",
        );
        expect(rows).toEqual(isSearched === 0 ? [] : [{ events: isSearched }]);
      }
    }),
    { numRuns: 20 },
  );
});

test("what moves while it is being sealed is sealed as it is then", async () => {
  const own = openPostgres({ url: database.url, poolMax: 2, statementTimeoutMs: 5_000, applicationName: "sealing" });
  const { room, owner: by } = await createRoom(store);
  await storeEvents(store, [event(room, 20, { by, id: newId(), kind: "edit", target: 10, text: "edited" })]);
  await store.chains.begin(room, { by: by.id });
  let isMoved = false;
  const move = { name: "move", text: "update hubbub.events set target = 30 where room_id = $1" };
  const chains = createChains({
    ...own,
    async run<Row extends object>(statement: Statement, values: readonly unknown[]) {
      if (statement.name === "chains-seal" && !isMoved) await own.run(move, [room]);
      isMoved ||= statement.name === "chains-seal";
      return own.run<Row>(statement, values);
    },
  });
  const now = Date.now() * 2;
  expect([await chains.seal(room, now, 9), await chains.seal(room, now, 9)]).toEqual([-1, 1]);
  const { before, entries } = await chains.links(room, { from: 1, to: 99, limit: 9 });
  expect(entries).toMatchObject([{ event: { seq: 20, target: 30 } }]);
  expect(await chainFaults(before, entries)).toEqual([]);
  await own.close();
});

test("the batch statement is prepared once on a connection", async () => {
  const options = { url: database.url, poolMax: 1, statementTimeoutMs: 5_000, applicationName: "single" };
  const own = openPostgres(options);
  const { room, owner } = await createRoom(store);
  const lease = await takeOverLease();
  let offset = lease.offset;
  for (const event of messages(room, owner, 3)) {
    const batch = { lease: { ...lease, offset }, offset: `${event.seq}-0`, events: [event] };
    await append(own, "local", batch);
    offset = batch.offset;
  }
  const prepared = "select name, generic_plans + custom_plans as runs from pg_prepared_statements";
  const rows = await own.run({ name: "prepared", text: prepared }, []);
  expect(rows).toContainEqual({ name: "events-append", runs: 3 });
  await own.close();
});

test("G3 a batch with a row that is stored is sent again, and not under a lease that went meanwhile", async () => {
  const own = openPostgres({ url: database.url, poolMax: 1, statementTimeoutMs: 5_000, applicationName: "again" });
  const { room, owner } = await createRoom(store);
  const events = messages(room, owner, 3);
  await storeEvents(store, events.slice(1, 2));
  const lease = await takeOverLease();
  const sent: string[] = [];
  const take = { name: "take", text: "update hubbub.shards set token = token + 1 where shard = $1" };
  const losing = {
    ...own,
    async run<Row extends object>(statement: Statement, values: readonly unknown[]) {
      sent.push(statement.name);
      if (statement.name === "events-append-again") await own.run(take, [lease.shard]);
      return own.run<Row>(statement, values);
    },
  };
  const batch = { lease, offset: "3-0", events };
  await expect(append(losing, "local", batch)).rejects.toBeInstanceOf(LeaseLost);
  expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual(events.slice(1, 2));
  await append(own, "local", { ...batch, lease: { ...lease, token: lease.token + 1 } });
  expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual(events);
  expect(sent).toEqual(["events-append", "events-append-again"]);
  await own.close();
});

test("Postgres reads the text of an array as the array that it is of", async () => {
  const client = await database.connect();
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'"\\{},NUL \n👋') }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (cells) => {
      const { rows } = await client.query("select $1::text[] as cells", [arrayText(cells)]);
      expect(rows).toEqual([{ cells: cells.every((cell) => cell === null) ? [] : cells }]);
    }),
  );
});

test("a statement over its time, a killed connection and a refused one are unavailable, and the pool recovers", async () => {
  const own = database.openStore({ poolMax: 1, statementTimeoutMs: 200, applicationName: fresh("victim") });
  const gate = await database.connect();
  await gate.query("begin");
  await gate.query("lock table hubbub.users");
  const slow: unknown = await own.users.findByUsername("anybody").catch((error: unknown) => error);
  expect(slow).toMatchObject({ code: "57014" });
  expect(isUnavailable(slow)).toBe(true);
  const killed = own.users.findByUsername("anybody").catch((error: unknown) => error);
  await expect.poll(() => waiting(), { timeout: 5_000 }).toBe(1);
  await gate.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'victim-%'");
  expect(isUnavailable(await killed)).toBe(true);
  await gate.query("commit");
  expect(await own.users.findByUsername("anybody")).toBeNull();
  const nowhere = database.openStore({ url: "postgres://nobody@127.0.0.1:1/none" });
  const refused: unknown = await nowhere.ping().catch((error: unknown) => error);
  expect(isUnavailable(refused)).toBe(true);
});

/** A lease that anybody may take over. */
async function takeOverLease(): Promise<Lease> {
  const lease = await store.shards.acquire(freshNumber(), fresh("writer"), 0);
  if (lease === null) throw new Error("a fresh shard is free");
  return lease;
}

/** Statements of this database that wait for a lock. */
async function waiting(): Promise<number> {
  const observer = await database.connect();
  const { rows } = await observer.query<{ count: string }>(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await observer.end();
  return Number(rows[0]?.count);
}

test.each([
  ["local", "local"],
  ["on", "on"],
] as const)("the writer commits %s; writes of the api wait as the server says", async (commit, expected) => {
  const own = openPostgres({ url: database.url, poolMax: 1, statementTimeoutMs: 5_000, applicationName: "strength" });
  const run = (text: string) => own.run({ name: newId(), text }, []);
  await run("create table if not exists hubbub.strengths (of text, commit text)");
  await run(`create or replace function hubbub.note_strength() returns trigger language plpgsql as
    $$ begin insert into hubbub.strengths values (tg_table_name, current_setting('synchronous_commit')); return new; end $$`);
  for (const table of ["events", "dead_letters", "users", "rooms", "sessions", "room_epochs"])
    await run(`create or replace trigger note_strength after insert on hubbub.${table}
      for each statement execute function hubbub.note_strength()`);
  await run("truncate hubbub.strengths");
  const asked = { name: newId(), text: "select current_setting('synchronous_commit') as commit" };
  const commitOfServer = (await own.run<{ commit: string }>(asked, []))[0]?.commit;
  const { room, owner } = await createRoom(store);
  await store.sessions.create(owner.id, { refreshHash: newId(), expiresAt: new Date(Date.now() + 60_000), max: 1 });
  await store.rooms.beginEpoch(room, 0, 0);
  const lease = await takeOverLease();
  await append(own, commit, { lease, offset: "1-0", events: messages(room, owner, 1) });
  await deadLetter(
    own,
    commit,
    { lease: { ...lease, offset: "1-0" }, offset: "2-0" },
    { offset: "2-0", frame: "x", error: "x" },
  );
  const rows = await own.run<{ of: string; commit: string }>(
    { name: `strengths-${commit}`, text: "select distinct of, commit from hubbub.strengths order by of" },
    [],
  );
  expect(rows).toEqual([
    { of: "dead_letters", commit: expected },
    { of: "events", commit: expected },
    { of: "room_epochs", commit: commitOfServer },
    { of: "rooms", commit: commitOfServer },
    { of: "sessions", commit: commitOfServer },
    { of: "users", commit: commitOfServer },
  ]);
  for (const table of ["events", "dead_letters", "users", "rooms", "sessions", "room_epochs"])
    await run(`drop trigger note_strength on hubbub.${table}`);
  await own.close();
});
