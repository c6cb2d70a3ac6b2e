import { createAcceptor, createRedisBroker } from "@hubbub/broker";
import {
  chainFaults,
  type EventBody,
  type EventId,
  encodeEventBody,
  HTTP_PREFIX,
  newId,
  QUERIES_AUTHOR,
  type Room,
  type RoomId,
} from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { createPostgresStore } from "@hubbub/store";
import { createTestDatabase, type OwnRedis, query, startOwnRedis, type TestDatabase } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { openEraser } from "../../test/eraser.ts";
import { filesOf, keysOf, tablesOf } from "../../test/leftovers.ts";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";
import { FileSweep } from "../files/file-sweep.ts";

const log = createLogger({ level: "silent", node: "test" });
const HOUR_MS = 3_600_000;
/** Everything personal holds this word. */
const NEEDLE = "walrus";
const PASSWORD = "tea at half past four";
const MESSAGES = 130;

let database: TestDatabase;
let redis: OwnRedis;
let world: World;
let api: TestApi;
let closeRedis = async () => undefined as unknown;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  redis = await startOwnRedis((close) => {
    closeRedis = close;
  });
  const store = createPostgresStore({
    url: database.url,
    poolMax: 8,
    statementTimeoutMs: 9_000,
    applicationName: "erase",
  });
  const broker = createRedisBroker({ url: redis.url, prefix: "e:", shards: 2, log, backlogMaxEvents: 9_000 });
  world = await openWorld({ store, broker });
  api = new TestApi(world);
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
  await closeRedis();
  await database[Symbol.asyncDispose]();
});

const tablesWith = (word: string) => tablesOf(database.url, word);
const redisKeysWith = (word: string) => keysOf(redis.admin, word);
const filesWith = (word: string) => filesOf(world.storageFolder, word);

async function signup(username: string): Promise<Person> {
  const body = { username, password: PASSWORD, email: `${username}@example.org` };
  const { body: answer } = await api.call<{ user: Person["user"]; accessToken: string; refreshToken: string }>(
    "POST",
    "/auth/signup",
    { body, headers: { "user-agent": `${username}'s browser` } },
  );
  return { user: answer.user, token: answer.accessToken, refreshToken: answer.refreshToken };
}

const ok = async (who: Person, method: string, path: string, body?: object) => {
  const answer = await api.call<Record<string, unknown>>(method, path, { token: who.token, body });
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};
const say = (who: Person, room: RoomId, text: string, rest: object = {}) =>
  ok(who, "POST", `/rooms/${room}/messages`, { id: newId(), text, ...rest });

async function upload(who: Person, room: RoomId, content: string): Promise<string> {
  const path = `${HTTP_PREFIX}/rooms/${room}/files?${new URLSearchParams({ id: newId(), name: `${NEEDLE}.txt` })}`;
  const init = { method: "PUT", body: content, duplex: "half", headers: { authorization: `Bearer ${who.token}` } };
  const response = await api.fetch(path, init as RequestInit);
  return ((await response.json()) as { id: string }).id;
}

/** What no api writes: the index of search, and what the writer could not store. */
async function rowsOfOthers({ user }: Person, room: RoomId): Promise<void> {
  const document =
    "insert into hubbub.search_documents (room_id, seq, at, user_id, text, flags) values ($1, 2, 0, $2, $3, 0)";
  await query(database.url, document, [room, user.id, NEEDLE]);
  const letter = "insert into hubbub.dead_letters (shard, \"offset\", frame, error) values (0, '', $1, $2)";
  await query(database.url, letter, [JSON.stringify({ by: user, text: NEEDLE }), `not stored: ${NEEDLE}`]);
  const status =
    "insert into hubbub.user_status (user_id, is_away, text, hides_last_seen) values ($1, false, $2, false)";
  await query(database.url, status, [user.id, NEEDLE]);
}

/** A user who has left something everywhere. */
async function liveALife(who: Person, friend: Person): Promise<{ room: Room; direct: Room }> {
  const room = await api.room(who);
  await ok(friend, "POST", `/rooms/${room.id}/join`);
  const direct = (await ok(who, "POST", "/direct", { users: [friend.user.username] })) as unknown as Room;
  await ok(who, "PATCH", "/me", { displayName: `The ${NEEDLE}`, about: `I am a ${NEEDLE}` });
  await Promise.all(Array.from({ length: MESSAGES }, (_none, at) => say(who, room.id, `${NEEDLE} ${at}`)));
  const first = (await say(who, room.id, `a ${NEEDLE} once more`)) as { seq: number };
  await ok(who, "PATCH", `/rooms/${room.id}/messages/${first.seq}`, { id: newId(), text: `an edited ${NEEDLE}` });
  await say(who, direct.id, `between us: ${NEEDLE}`);
  await say(friend, room.id, "what a friend says stays");
  const file = await upload(who, room.id, `content of the ${NEEDLE}`);
  await say(who, room.id, `see the ${NEEDLE}`, { files: [file] });
  await upload(who, room.id, `the ${NEEDLE} never told anybody`);
  await ok(who, "PUT", `/me/drafts/${room.id}`, { text: `unsent: ${NEEDLE}`, at: 1 });
  await ok(who, "PUT", `/me/blocks/${(await signup(`villain${Date.now()}`)).user.id}`);
  // Only events with the name, and no message.
  const visited = await api.room(friend);
  await ok(who, "POST", `/rooms/${visited.id}/join`);
  await rowsOfOthers(who, room.id);
  return { room, direct };
}

const isDone = async (user: string) => {
  const rows = await query(database.url, "select 1 from hubbub.erasures where user_id = $1 and done_at is not null", [
    user,
  ]);
  return rows.length > 0;
};

/** What processes of a cluster do, until the erasure is done. */
async function finish(user: string, eraser = openEraser(world)): Promise<void> {
  await vi.waitFor(
    async () => {
      await eraser.work();
      await world.commit();
      expect(await isDone(user)).toBe(true);
    },
    { timeout: 30_000, interval: 1 },
  );
  await eraser.close();
}

test("an erased user is found in no table, in no tail of the log and in no file; the job goes on where another process stopped", async () => {
  const [ada, friend] = [await signup(`${NEEDLE}-ada`), await signup("friend")];
  const { room, direct } = await liveALife(ada, friend);
  await world.commit();
  expect(await tablesWith(NEEDLE)).toEqual(
    expect.arrayContaining(["events", "files", "message_state", "profiles", "users"]),
  );
  expect(await filesWith(NEEDLE)).toHaveLength(2);
  expect((await redisKeysWith(NEEDLE)).length).toBeGreaterThan(1);

  expect(await api.call("DELETE", "/me", { token: ada.token, body: { password: "wrong one" } })).toMatchObject({
    status: 401,
  });
  expect(await api.call("DELETE", "/me", { token: ada.token, body: { password: PASSWORD } })).toMatchObject({
    status: 202,
  });
  expect(await api.call("GET", "/me", { token: ada.token })).toMatchObject({ body: { code: "session_revoked" } });
  const login = { username: ada.user.username, password: PASSWORD };
  expect(await api.call("POST", "/auth/login", { body: login })).toMatchObject({ body: { code: "bad_credentials" } });
  expect(await tablesWith("example.org")).toEqual(["users"]);

  const killed = openEraser(world);
  await vi.waitFor(
    async () => {
      await killed.work();
      await world.commit();
      const [left] = (await query(
        database.url,
        "select count(*)::int as of from hubbub.message_state where deleted_seq is not null",
      )) as [{ of: number }];
      expect(left.of).toBeGreaterThan(50);
    },
    { timeout: 20_000, interval: 1 },
  );
  await killed.close();
  expect(await tablesWith(NEEDLE)).toContain("events");
  // Its lease ends.
  await query(database.url, "update hubbub.erasures set leased_until = now()");
  world.controls.length = 0;
  await finish(ada.user.id);

  const sweep = new FileSweep({ ...world, unusedHours: 24, log });
  for (const hours of [0, 1, 2]) await sweep.sweep(Date.now() + hours * HOUR_MS);
  await sweep.close();
  expect(await tablesWith(NEEDLE)).toEqual([]);
  expect(await redisKeysWith(NEEDLE)).toEqual([]);
  expect(await filesWith(NEEDLE)).toEqual([]);
  for (const one of [room.id, direct.id])
    expect(world.controls).toContainEqual({ type: "texts-deleted", rooms: [one] });

  const { members } = (await ok(friend, "GET", `/rooms/${room.id}/members`)) as { members: object[] };
  expect(members).toMatchObject([{ user: { id: friend.user.id }, role: "owner" }]);
  const page = await ok(friend, "GET", `/rooms/${room.id}/messages?limit=200`);
  const texts = (page["messages"] as { text?: string }[]).flatMap(({ text }) => (text ? [text] : []));
  expect(texts).toEqual(["what a friend says stays"]);
  const shown = await ok(friend, "GET", `/users/${ada.user.id}`);
  expect(shown).toMatchObject({
    displayName: "deleted user",
    username: expect.stringMatching(/^deleted-[0-9a-f]{12}$/),
  });
  expect(await world.store.erasures.ledger(null, 10)).toMatchObject([{ user: ada.user.id, doneAt: expect.any(Date) }]);
}, 90_000);

const record = (note: string) => ({ note });

/** What a process of the role `flows` writes. */
async function derive(room: RoomId, from: number, of: Person, note: string): Promise<void> {
  const acceptor = createAcceptor({ broker: world.broker, beginEpoch: world.store.rooms.beginEpoch });
  const id = newId<EventId>();
  const body: EventBody = { by: QUERIES_AUTHOR, kind: "data", id, rows: [record(note)], from, of: of.user.id };
  await acceptor.accept({ room, user: QUERIES_AUTHOR.id, id, body: encodeEventBody(body) });
}

/** A room with records of both, and with a derived room of them; both are sealed. */
async function leaveRecords(who: Person, friend: Person): Promise<{ room: RoomId; derived: RoomId }> {
  const { id: room } = await api.room(who);
  await ok(friend, "POST", `/rooms/${room}/join`);
  await ok(who, "PUT", `/rooms/${room}/model`, { fields: { note: { type: "string" } } });
  const { room: derived } = (await ok(friend, "POST", `/rooms/${room}/watches`, { where: 'note != ""' })) as {
    room: RoomId;
  };
  for (const [author, note] of [
    [who, NEEDLE],
    [friend, "kept"],
  ] as const) {
    const { seq } = await ok(author, "POST", `/rooms/${room}/data`, { id: newId(), rows: [record(note)] });
    await derive(derived, seq as number, author, note);
  }
  await world.commit();
  for (const one of [room, derived]) {
    await world.store.chains.begin(one, { by: "operator" });
    expect(await world.store.chains.seal(one, Date.now() + HOUR_MS, 100)).toBeGreaterThan(1);
  }
  return { room, derived };
}

const recordsOf = async (room: RoomId) =>
  (await world.store.events.page(room, { after: 0, limit: 100 })).flatMap((event) =>
    event.kind === "data" ? [event.rows] : [],
  );

async function sealedRecords(room: RoomId) {
  const { before, entries } = await world.store.chains.links(room, { from: 1, to: 100, limit: 100 });
  expect(await chainFaults(before, entries)).toEqual([]);
  return entries.filter(({ event }) => event["kind"] === "data").map(({ salt }) => salt !== null);
}

test("records of an erased user are emptied, also in derived rooms, once nobody can write them there any more", async () => {
  const [eve, friend] = [await signup(`${NEEDLE}-eve`), await signup("friend-of-eve")];
  const { room, derived } = await leaveRecords(eve, friend);
  const [lease] = await world.store.flows.acquire("slow", { sources: 1, queries: 9 }, 60_000);
  expect(lease?.source).toBe(room);
  await ok(eve, "DELETE", "/me", { password: PASSWORD });
  const eraser = openEraser(world);
  await vi.waitFor(
    async () => {
      await eraser.work();
      await world.commit();
      expect(await query(database.url, "select owner from hubbub.flow_sources")).toEqual([{ owner: "erasure" }]);
    },
    { timeout: 20_000, interval: 1 },
  );
  expect(await recordsOf(room)).toEqual([[], [record("kept")]]);
  expect(await world.store.flows.renew("slow", lease === undefined ? [] : [lease], 1_000)).toEqual(new Set());
  expect(await world.store.flows.acquire("next", { sources: 1, queries: 9 }, 1_000)).toEqual([]);
  // Written by the process that had the source.
  await derive(derived, 1, eve, `late ${NEEDLE}`);
  await world.commit();
  for (let step = 0; step < 5; step += 1) await eraser.work();
  expect(await recordsOf(derived)).toContainEqual([record(NEEDLE)]);
  await query(database.url, "update hubbub.flow_sources set expires_at = now()");
  await finish(eve.user.id, eraser);
  expect(await recordsOf(derived)).toEqual([[], [record("kept")], []]);
  expect(await sealedRecords(room)).toEqual([false, true]);
  expect(await sealedRecords(derived)).toEqual([false, true]);
  expect(await tablesWith(NEEDLE)).toEqual([]);
  expect(await redisKeysWith(NEEDLE)).toEqual([]);
  const closed = await query(database.url, "select from hubbub.rooms where id = $1 and archived_at is not null", [
    derived,
  ]);
  expect(closed).toEqual([]);
}, 90_000);
