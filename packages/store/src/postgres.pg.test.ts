import { chainFaults, type EventBody, newId } from "@hubbub/protocol";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createRoom, event, fresh, freshNumber, HOUR_MS, messages, storeEvents } from "../test/contract/fixtures.ts";
import { storeContract } from "../test/store-contract.ts";
import { createStoreDatabase, type StoreDatabase } from "../test/store-database.ts";
import { append } from "./append.ts";
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
