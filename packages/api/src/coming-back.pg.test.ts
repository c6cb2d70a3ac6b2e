import { setTimeout as delay } from "node:timers/promises";
import { createMemoryBroker } from "@hubbub/broker";
import { newId, type SessionId, type StatePage, type UserId } from "@hubbub/protocol";
import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, query, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";

const USERS = 400;
const ROOMS = 200;
const STORM_MS = 1_500;
const FULL = 125;
/** Statements that are not full: the first two of a crowd, the last one, and those between. */
const FIRST_AND_LAST = 3;
const A_SECOND = 2;
const UNHURRIED = { PAGE_BYTES_PER_SECOND_PER_USER: "100000000", PAGE_BYTES_PER_SECOND_PER_ADDRESS: "1000000000" };

let database: TestDatabase;
let store: Store;
let isClosed = false;
let world: World;
let api: TestApi;
let users: UserId[];

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  store = createPostgresStore({ url: database.url, poolMax: 4, statementTimeoutMs: 30_000, applicationName: "storm" });
  await store.migrate();
  await fill();
  const broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 300, durableAccept: false });
  world = await openWorld({ store, broker });
  api = new TestApi(world, UNHURRIED);
});
afterAll(async () => {
  await api.close();
  await world.broker[Symbol.asyncDispose]();
  if (!isClosed) await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function fill(): Promise<void> {
  const run = (text: string, values: readonly unknown[] = []) => query(database.url, text, values);
  await run(
    "insert into hubbub.users (id, username) select gen_random_uuid(), 'user' || n from generate_series(1, $1::int) n",
    [USERS],
  );
  await run(
    `insert into hubbub.rooms (id, name, name_key, visibility, topic)
     select gen_random_uuid(), 'room ' || n, 'room ' || n, 'private', '' from generate_series(1, $1::int) n`,
    [2 * ROOMS],
  );
  await run(
    `insert into hubbub.members (room_id, user_id, role, last_read_seq)
     select r.id, u.id, 'member', 5
     from (select id, row_number() over () as at from hubbub.users) u
     join (select id, row_number() over () as at from hubbub.rooms) r on (r.at + u.at) % 2 = 0`,
  );
  await run(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
     select r.id, n, 3, 1700000000000 + n, 'message', $1, 'e' || n, 'text ' || n
     from hubbub.rooms r cross join generate_series(1, 10) n`,
    [newId()],
  );
  await run("vacuum analyze");
  users = ((await run("select id from hubbub.users")) as { id: UserId }[]).map(({ id }) => id);
}

/** Transactions that Postgres counts until all connections have ended; a statement outside of one is one. */
async function transactionsOf(work: () => Promise<void>): Promise<number> {
  const count = async () => {
    const [row] = (await query(
      inject("postgresUrl"),
      `select xact_commit + xact_rollback as count, (select count(*) from pg_stat_activity where datname = $1) as open
       from pg_stat_database where datname = $1`,
      [new URL(database.url).pathname.slice(1)],
    )) as { count: string; open: string }[];
    return { count: Number(row?.count), open: Number(row?.open) };
  };
  const before = await count();
  await work();
  isClosed = true;
  await store[Symbol.asyncDispose]();
  await expect.poll(async () => (await count()).open).toBe(0);
  return (await count()).count - before.count;
}

async function comeBack(token: string): Promise<void> {
  const { status, body } = await api.call<StatePage>("GET", "/me/state", { token });
  expect(status).toBe(200);
  expect(body.rooms).toHaveLength(ROOMS);
  expect(body.rooms[0]).toMatchObject({ head: 10, epoch: 3, unread: 5 });
}

test(`${USERS} users in ${ROOMS} rooms each come back within ${STORM_MS} ms with few statements, and none for one user`, async () => {
  const sign = (sub: UserId) => world.keys.sign({ sub, sid: newId<SessionId>(), name: "somebody" }, 600);
  const tokens = await Promise.all(users.map(sign));
  const spy = vi.spyOn(store.unread, "states");
  const begun = performance.now();
  let arrivedMs = 0;
  const transactions = await transactionsOf(async () => {
    await Promise.all(
      tokens.map(async (token, at) => {
        await delay((at * STORM_MS) / USERS);
        arrivedMs = performance.now() - begun;
        await comeBack(token);
      }),
    );
  });
  const asked = spy.mock.calls.map(([queries]) => queries.length);
  process.stdout.write(`${USERS} users came in ${Math.round(arrivedMs)} ms: statements of ${asked.join(", ")} users\n`);
  expect(asked.reduce((sum, one) => sum + one, 0)).toBe(USERS);
  expect(asked.length).toBeLessThanOrEqual(USERS / FULL + FIRST_AND_LAST + (A_SECOND * arrivedMs) / 1_000);
  // The others are of loops, of new connections and of the vacuum of Postgres, but none is of one user.
  expect(transactions).toBeLessThan(USERS / 4);
}, 60_000);
