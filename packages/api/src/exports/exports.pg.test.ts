import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { createMemoryBroker } from "@hubbub/broker";
import { type FileStorage, openS3Storage } from "@hubbub/files";
import { type DataExport, type DataExportLink, type ExportId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { createLogger, pause } from "@hubbub/runtime";
import { createPostgresStore, type Store } from "@hubbub/store";
import { createTestDatabase, query, startS3Server, type TestDatabase } from "@hubbub/testkit";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { methodsOf, Unpacked } from "../../test/archives.ts";
import { openWorld, TestApi, type World } from "../../test/test-api.ts";
import { archiveKey, thumbnailKey } from "../files/keys.ts";
import { Exporter } from "./exporter.ts";

const log = createLogger({ level: "silent", node: "test" });
const MAX_BYTES = 64 * 1_048_576;
/** Of the large room: by the user who exports, each with TEXT_BYTES, and by others. */
const OWN_EVENTS = 6_000;
const OTHER_EVENTS = 12_000;
const TEXT_BYTES = 2_048;
/** What a page of events has, with the JSON around the texts. */
const PAGE_BYTES = 200 * (TEXT_BYTES + 200);
/** One is written, one waits, one is read, one is on its way through the compressor. */
const PAGES_IN_FLIGHT = 4;

let database: TestDatabase;
let stores: [Store, Store];
let world: World;
let user: UserId;
let room: RoomId;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  const open = () =>
    createPostgresStore({ url: database.url, poolMax: 4, statementTimeoutMs: 9_000, applicationName: "export" });
  stores = [open(), open()];
  const broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 300, durableAccept: false });
  world = await openWorld({ store: stores[0], broker });
  [user, room] = [await addUser(), newId<RoomId>()];
  await fill();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await stores[1][Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const run = (text: string, values: readonly unknown[] = []) => query(database.url, text, values);
const addUser = async (): Promise<UserId> => {
  const id = newId<UserId>();
  await run("insert into hubbub.users (id, username) values ($1, $2)", [id, `user-${id}`]);
  return id;
};

/** Texts that hardly shrink: an archive of them is not small because it is compressed. */
async function fill(): Promise<void> {
  const name = `room ${room}`;
  await run("insert into hubbub.rooms (id, name, name_key, visibility, topic) values ($1, $2, $2, 'private', '')", [
    room,
    name,
  ]);
  await run("insert into hubbub.members (room_id, user_id, role, last_read_seq) values ($1, $2, 'member', 0)", [
    room,
    user,
  ]);
  await run(
    `insert into hubbub.events (room_id, seq, epoch, at, kind, user_id, event_id, text)
     select $1, n, 3, 1700000000000 + n, 'message', case when n % 3 = 0 then $2::uuid else $3::uuid end, 'e' || n,
       case when n % 3 = 0 then 'mine ' || n || ' ' || (select string_agg(md5(n || '-' || p), '') from generate_series(1, $4::int) p)
         else 'of others' end
     from generate_series(1, $5::int) n`,
    [room, user, newId(), TEXT_BYTES / "0123456789abcdef0123456789abcdef".length, OWN_EVENTS + OTHER_EVENTS],
  );
}

const until = AbortSignal.timeout(60_000);

/** An api's part in exports. Its own loop is over: the test says when it works. */
async function openExporter(store: Store, storage: FileStorage): Promise<Exporter> {
  const { broker } = world;
  const exporter = new Exporter({ store, broker, storage, log, maxBytes: MAX_BYTES, keptDays: 7, bytesPerSecond: 1e9 });
  await exporter.close();
  return exporter;
}

async function ask(who: UserId): Promise<ExportId> {
  const asked = await stores[0].exports.request(who, newId(), 0);
  if (typeof asked === "number") throw new Error("asked a short time ago");
  return asked.id;
}

async function stateOf(who: UserId, id: ExportId) {
  const found = await stores[0].exports.find(who, id);
  return { state: found?.state, hash: found?.hash ?? "", bytes: found?.bytes };
}

const endLease = (id: ExportId) =>
  run("update hubbub.exports set leased_until = clock_timestamp() where id = $1", [id]);
const stagedFiles = () => readdir(`${world.storageFolder}/staging`);
async function archives(): Promise<string[]> {
  const names = await readdir(`${world.storageFolder}/content`, { recursive: true });
  return names.filter((name) => name.endsWith(".export"));
}

async function messagesOf(hash: string): Promise<string[]> {
  const files = unzipSync(await buffer(await world.storage.read(archiveKey(hash))));
  return strFromU8(files["messages.ndjson"] ?? new Uint8Array())
    .trim()
    .split("\n");
}

test("an export whose api stops is made by another api, once, with nothing doubled", async () => {
  const stopped = new AbortController();
  const goesOn = new AbortController();
  /** Writes a part, and then nothing until it may go on. */
  const halting: FileStorage = {
    ...methodsOf(world.storage),
    stage: (chunks) =>
      world.storage.stage(
        (async function* () {
          for await (const chunk of chunks) {
            yield chunk;
            if (stopped.signal.aborted) continue;
            stopped.abort();
            await once(goesOn.signal, "abort");
          }
        })(),
      ),
  };
  const [first, second] = [await openExporter(stores[0], halting), await openExporter(stores[1], world.storage)];
  const id = await ask(user);
  const firstWork = first.work(until);
  await once(stopped.signal, "abort");
  expect(await second.work(until)).toBe(false);
  expect((await stateOf(user, id)).state).toBe("running");

  await endLease(id);
  expect(await second.work(until)).toBe(true);
  const done = await stateOf(user, id);
  expect(done.state).toBe("done");
  const lines = (await messagesOf(done.hash)).map((line) => JSON.parse(line) as { seq: number });
  expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: OWN_EVENTS }, (_none, at) => 3 * (at + 1)));

  goesOn.abort();
  await firstWork;
  expect(await stateOf(user, id)).toEqual(done);
  expect(await archives()).toHaveLength(1);
  expect(await stagedFiles()).toEqual([]);
});

test("an archive that has its name, and whose api stopped before it said so, is made again and is there once", async () => {
  const id = await ask(user);
  const { hash } = await stateOf(user, (await stores[0].exports.list(user, 2)).at(-1)?.id ?? id);
  await world.storage.remove(archiveKey(hash));
  const owner = "an api that stops";
  const found = await stores[0].exports.claim(owner, 60_000);
  expect(found?.id).toBe(id);
  const staged = await world.storage.stage(bytes("half an archive"));
  expect(await stores[0].exports.keep({ id, owner, ttlMs: 60_000 }, staged)).toBe(true);
  await staged.keep(archiveKey(staged.hash));
  await endLease(id);

  expect(await (await openExporter(stores[1], world.storage)).work(until)).toBe(true);
  const done = await stateOf(user, id);
  expect(done.state).toBe("done");
  expect(await stores[0].exports.finish({ id, owner, ttlMs: 60_000 }, new Date())).toBe(false);
  expect(await archives()).toEqual([expect.stringContaining(done.hash)]);
});

test("an export reads no more of a large room than its storage takes", async () => {
  const id = await ask(user);
  let read = 0;
  const { exports } = stores[0];
  const { contents } = exports;
  const counting: typeof contents.events = async (...place) => {
    const page = await contents.events(...place);
    for (const event of page.events) read += Buffer.byteLength(JSON.stringify(event));
    return page;
  };
  const store: Store = { ...stores[0], exports: { ...exports, contents: { ...contents, events: counting } } };
  const unpacked = new Unpacked("messages.ndjson");
  let most = 0;
  const slow: FileStorage = {
    ...methodsOf(world.storage),
    stage: (chunks) =>
      world.storage.stage(
        (async function* () {
          for await (const chunk of chunks) {
            unpacked.push(chunk);
            if (unpacked.bytes > 2 * PAGE_BYTES && most === 0) {
              await standsStill(() => read);
              most = read - unpacked.bytes;
            }
            yield chunk;
          }
        })(),
      ),
  };
  expect(await (await openExporter(store, slow)).work(until)).toBe(true);
  expect((await stateOf(user, id)).state).toBe("done");
  expect(read).toBeGreaterThan(OWN_EVENTS * TEXT_BYTES);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(PAGES_IN_FLIGHT * PAGE_BYTES);
});

test("an archive that is over is removed, and its row a month after the request", async () => {
  const who = await addUser();
  const id = await ask(who);
  const exporter = await openExporter(stores[0], world.storage);
  await exporter.work(until);
  const { hash } = await stateOf(who, id);
  expect(await archives()).toContainEqual(expect.stringContaining(hash));

  await run("update hubbub.exports set expires_at = clock_timestamp() where id = $1", [id]);
  await exporter.work(until);
  expect(await archives()).not.toContainEqual(expect.stringContaining(hash));
  expect(await stateOf(who, id)).toMatchObject({ state: "expired", hash: "" });

  const age = (days: number) =>
    run("update hubbub.exports set requested_at = clock_timestamp() - $2::int * interval '1 day' where id = $1", [
      id,
      days,
    ]);
  await age(29);
  await exporter.work(until);
  expect((await stateOf(who, id)).state).toBe("expired");
  await age(31);
  await exporter.work(until);
  expect((await stateOf(who, id)).state).toBeUndefined();
});

test("requests at once to two apis are one export, and only one api makes it", async () => {
  const who = await addUser();
  const asked = await Promise.all(
    Array.from({ length: 16 }, (_none, at) => (stores[at % 2] ?? stores[0]).exports.request(who, newId(), 0)),
  );
  expect(new Set(asked.map((one) => (typeof one === "number" ? one : one.id))).size).toBe(1);
  const rows = await run("select id from hubbub.exports where user_id = $1", [who]);
  expect(rows).toHaveLength(1);
  const claims = await Promise.all(stores.map((store, at) => store.exports.claim(`api ${at}`, 60_000)));
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
});

test("an archive in a bucket is downloaded by its link, whole and in ranges", async () => {
  await using server = await startS3Server();
  await using storage = await openS3Storage(server.options);
  const api = new TestApi({ ...world, storage });
  try {
    const ada = await api.guest();
    const avatar = await storage.stage(bytes("a picture"));
    expect(await stores[0].profiles.takeAvatar(avatar.hash)).toBe(true);
    await avatar.keep(thumbnailKey(avatar.hash, "large"));
    await run("insert into hubbub.profiles (user_id, avatar) values ($1, $2)", [ada.user.id, avatar.hash]);
    await run("insert into hubbub.drafts values ($1, $2, 'half a sentence', 15, 1)", [ada.user.id, room]);
    const { body } = await api.call<DataExport>("POST", "/me/exports", { token: ada.token, body: {} });
    await (await openExporter(stores[1], storage)).work(until);
    await expect
      .poll(async () => (await stateOf(ada.user.id, body.id)).state, { timeout: 20_000, interval: 100 })
      .toBe("done");
    const link = await api.call<DataExportLink>("POST", `/me/exports/${body.id}/link`, { token: ada.token, body: {} });
    const whole = Buffer.from(await (await api.fetch(link.body.url)).arrayBuffer());
    const textOf = (name: string) => strFromU8(unzipSync(whole)[name] ?? new Uint8Array());
    expect(textOf("account.ndjson")).toContain(ada.user.username);
    expect([textOf("avatar.webp"), textOf("drafts.ndjson")]).toEqual([
      "a picture",
      expect.stringContaining("half a sentence"),
    ]);
    const rest = await api.fetch(link.body.url, { headers: { range: "bytes=100-" } });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(whole.subarray(100));
    expect(server.requests.some((request) => /^GET .*\.export/.test(request))).toBe(true);
  } finally {
    await api.close();
  }
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Resolves when a number has not changed for a while, however busy the machine is with it. */
async function standsStill(value: () => number): Promise<void> {
  for (let last = -1, quiet = 0; quiet < 10; ) {
    quiet = value() === last ? quiet + 1 : 0;
    last = value();
    await pause(50, until);
  }
}
