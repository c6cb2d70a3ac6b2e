import { expect, test } from "vitest";
import { openWorld } from "../test/world.ts";
import { openRows } from "./sources.ts";
import { verify } from "./verify.ts";

type World = Awaited<ReturnType<typeof openWorld>>;
type SettledRoom = Awaited<ReturnType<World["settledRoom"]>>;
type Seed = (world: World, settled: SettledRoom) => Promise<unknown>;

test("rooms as a cluster leaves them are clean, and all of them was looked at", async () => {
  const world = await openWorld();
  await world.settledRoom(40);
  await world.settledRoom(10);
  const { faults, notes, looked } = await verify(world.sources);
  expect({ faults, notes }).toEqual({ faults: {}, notes: {} });
  const counts = { rooms: 2, rows: 50, states: 0, epochs: 2, heads: 2 };
  const all = { ...counts, tailEvents: 50, logEvents: 50, shards: 2, members: 2 };
  expect(looked).toEqual(all);
});

test("G6 the jump of a new epoch is no hole, nor is what was stored under later numbers", async () => {
  const world = await openWorld();
  const { room, owner } = await world.settledRoom(10);
  await world.say(owner, room, ["lost and offered again", "so is this"]);
  await world.flush();
  await world.say(owner, room, ["behind the loss"]);
  await world.commit(room);
  await world.say(owner, room, ["not committed yet"]);
  const { faults, notes, looked } = await verify(world.sources);
  expect(faults).toEqual({});
  expect(notes).toMatchObject({ renumbered: { count: 2 }, waiting: { count: 1 } });
  expect(looked).toMatchObject({ rows: 13, epochs: 2 });
  // As after a restore, beside which there is no Redis.
  await using rows = openRows(world.url, 5_000);
  expect((await verify({ ...rows, againMs: 10 })).faults).toEqual({});
});

test("a change or reply that names the seq that its message lost with the log is no fault, and finds its message", async () => {
  const world = await openWorld();
  const { room, owner } = await world.settledRoom(10);
  await world.say(owner, room, ["lost and offered again"]);
  await world.tell(owner, room, [
    { kind: "edit", target: 11, text: "edited" },
    { kind: "message", text: "a reply", replyTo: 11 },
  ]);
  await world.flush();
  await world.say(owner, room, ["behind the loss"]);
  await world.commit(room);
  const { faults, notes, looked } = await verify(world.sources);
  expect(faults).toEqual({});
  expect(notes).not.toHaveProperty("adrift");
  expect(looked).toMatchObject({ states: 1 });
});

test("a message that was stored behind its edit, and without its text, is no fault", async () => {
  const world = await openWorld();
  const { room, owner } = await world.settledRoom(10);
  await world.ask("update hubbub.rooms set settings = $2 where id = $1", room, { keepRevisions: false });
  await world.tell(owner, room, [
    { kind: "edit", target: 12, text: "edited" },
    { kind: "message", text: "former" },
  ]);
  await world.commit(room);
  expect(await world.ask("select text from hubbub.events where room_id = $1 and seq > 10 order by seq", room)).toEqual([
    { text: "edited" },
    { text: null },
  ]);
  expect((await verify(world.sources)).faults).toEqual({});
});

test("what Redis shows at its old number and Postgres has at a later one is no fault", async () => {
  const world = await openWorld();
  const { room, owner } = await world.settledRoom(10);
  await world.say(owner, room, ["lost, offered again, and there once more"]);
  const tail = await world.redis.xrange(world.tailKey(room), "-", "+");
  await world.flush();
  await world.say(owner, room, ["behind the loss"]);
  await world.commit(room);
  const later = await world.redis.xrange(world.tailKey(room), "-", "+");
  await world.redis.del(world.tailKey(room));
  for (const [id, fields] of [...tail, ...later]) await world.redis.xadd(world.tailKey(room), id, ...fields);
  const { faults, notes, looked } = await verify(world.sources);
  expect({ faults, notes }).toMatchObject({ faults: {}, notes: { renumbered: { count: 1 } } });
  expect(looked).toMatchObject({ rows: 12, tailEvents: 13 });
});

const FAULTY: Readonly<Record<string, readonly [code: string, seed: Seed]>> = {
  "a row that is gone": ["hole", ({ ask }, { room }) => ask(DELETE, room, 5)],
  "the first row of a room is gone": ["hole", ({ ask }, { room }) => ask(DELETE, room, 1)],
  "a row that is gone, of a room that Redis has forgotten": [
    "hole",
    async ({ ask, growOld }, { room }) => {
      await growOld(room);
      await ask(DELETE, room, 5);
    },
  ],
  "the newest row is gone": ["not-stored", ({ ask }, { room }) => ask(DELETE, room, 30)],
  "the newest row is gone, and only the mark knows of it": [
    "mark-ahead",
    async ({ ask, growOld }, { room }) => {
      await growOld(room);
      await ask(DELETE, room, 30);
    },
  ],
  "the newest row is gone, and only the log knows of it": [
    "not-stored",
    async ({ ask, redis, tailKey, headKey }, { room }) => {
      await redis.del(tailKey(room));
      await redis.hset(headKey(room), "durable", "29");
      await ask(DELETE, room, 30);
    },
  ],
  "the newest row is gone, and only the tail knows of it": [
    "not-stored",
    async ({ ask, redis, logKey }, { room }) => {
      await redis.xtrim(logKey(room), "MAXLEN", 0);
      await ask(DELETE, room, 30);
    },
  ],
  "a row of an earlier epoch that the tail still knows": [
    "not-stored",
    async ({ ask, beginEpoch, say, commit }, { room, owner }) => {
      await beginEpoch(room);
      await say(owner, room, ["of the next epoch"]);
      await commit(room);
      await ask(DELETE, room, 5);
    },
  ],
  "two rows that changed places": ["differs", ({ ask }, { room }) => ask(SWAP, room, 5, 6)],
  "a text that was changed in Postgres": [
    "differs",
    ({ ask }, { room }) => ask("update hubbub.events set text = 'other' where room_id = $1 and seq = 5", room),
  ],
  "a text that was changed in the tail": ["differs", (world, { room }) => alterTail(world, world.tailKey(room))],
  "a text that was changed, and only the log knows of it": [
    "differs",
    async ({ ask, redis, tailKey }, { room }) => {
      await redis.del(tailKey(room));
      await ask("update hubbub.events set text = 'other' where room_id = $1 and seq = 5", room);
    },
  ],
  "a row copied over another": [
    "duplicate",
    async ({ ask, growOld }, { room }) => {
      await growOld(room);
      await ask(COPY_ID, room, 5, 6);
    },
  ],
  "an epoch that falls": [
    "epoch-order",
    async ({ ask, growOld }, { room }) => {
      await growOld(room);
      await ask("update hubbub.events set epoch = 0 where room_id = $1 and seq = 5", room);
    },
  ],
  "a head that was set back": ["head-behind", ({ redis, headKey }, { room }) => redis.hset(headKey(room), "seq", "20")],
  "a mark that was raised": [
    "mark-ahead",
    ({ redis, headKey }, { room }) => redis.hset(headKey(room), "durable", "35"),
  ],
  "a position that would skip entries": [
    "offset-ahead",
    ({ ask }) => ask(`update hubbub.shards set "offset" = regexp_replace("offset", '\\d+$', '99')`),
  ],
  "a member whose user is gone": [
    "member-unknown",
    async (world, { room }) => {
      const { id } = await world.createUser();
      await world.ask("insert into hubbub.members (room_id, user_id, role) values ($1, $2, 'member')", room, id);
      await withoutKeys(world, "delete from hubbub.users where id = $1", id);
    },
  ],
  "an author who is gone": [
    "author-unknown",
    async (world, { room, owner }) => {
      await world.ask("delete from hubbub.members where room_id = $1", room);
      await withoutKeys(world, "delete from hubbub.users where id = $1", owner.id);
    },
  ],
  "events of a room that is gone": [
    "room-unknown",
    async (world, { room }) => {
      await world.ask("delete from hubbub.members where room_id = $1", room);
      await withoutKeys(world, "delete from hubbub.rooms where id = $1", room);
    },
  ],
};

const DELETE = "delete from hubbub.events where room_id = $1 and seq = $2";
const COPY_ID = `
  update hubbub.events later set event_id = first.event_id from hubbub.events first
  where first.room_id = $1 and first.seq = $2 and later.room_id = $1 and later.seq = $3`;
const SWAP = `
  update hubbub.events mine set event_id = other.event_id, text = other.text from hubbub.events other
  where mine.room_id = $1 and other.room_id = $1 and (mine.seq, other.seq) in (($2::bigint, $3::bigint), ($3, $2))`;

/** As a restore in parts would leave it. */
async function withoutKeys({ ask }: World, text: string, value: string): Promise<void> {
  await ask("set session_replication_role = replica");
  await ask(text, value);
  await ask("set session_replication_role = default");
}

async function alterTail({ redis }: World, key: string): Promise<void> {
  const entries = await redis.xrange(key, "-", "+");
  await redis.del(key);
  for (const [id, [field = "", frame = ""]] of entries)
    await redis.xadd(key, id, field, frame.replace("text 5", "text x"));
}

for (const [fault, [code, seed]] of Object.entries(FAULTY)) {
  test(`${code}: ${fault}, and nothing else is reported`, async () => {
    const world = await openWorld();
    const settled = await world.settledRoom();
    await world.settledRoom(5);
    await seed(world, settled);
    const { faults } = await verify(world.sources);
    expect(Object.keys(faults)).toEqual([code]);
    expect(Object.values(faults)[0]?.examples[0]).toMatch(/[0-9a-f-]{36}|shard \d/);
  });
}

test("an id that comes again after the time in which it is recognised is told, and is no fault", async () => {
  const world = await openWorld();
  const { room } = await world.settledRoom();
  await world.growOld(room);
  await world.ask(COPY_ID, room, 5, 6);
  await world.ask("update hubbub.events set at = at + 600000 where room_id = $1 and seq = 6", room);
  const { faults, notes } = await verify(world.sources);
  expect(faults).toEqual({});
  expect(notes).toMatchObject({ "sent-again": { count: 1 } });
});

test("what Redis has and cannot be read is told: it was not compared", async () => {
  const world = await openWorld();
  const { room } = await world.settledRoom(5);
  await world.redis.xadd(world.tailKey(room), "6-0", "f", "no event");
  const { faults, notes } = await verify(world.sources);
  expect({ faults, notes }).toMatchObject({ faults: {}, notes: { unreadable: { count: 1 } } });
});

test("one room alone: what is wrong elsewhere is not looked at", async () => {
  const world = await openWorld();
  const { room } = await world.settledRoom(5);
  const other = await world.settledRoom(8);
  await world.ask(DELETE, other.room, 5);
  const { faults, looked } = await verify(world.sources, room);
  expect(faults).toEqual({});
  expect(looked).toMatchObject({ rooms: 1, rows: 5, tailEvents: 5, shards: 1, members: 1 });
});
