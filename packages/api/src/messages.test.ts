import { type Broker, BrokerUnavailable } from "@hubbub/broker";
import { type HistoryPage, newId } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";
import { HISTORY_PAGE_MAX_BYTES } from "./history.ts";

let world: World;
let api: TestApi;
let owner: Person;
let stranger: Person;
beforeAll(async () => {
  world = await openWorld();
  // Pages cost by their bytes: on a fast machine the tests of this file ask for more in a second than one user may.
  api = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "100000000" });
  [owner, stranger] = await Promise.all([api.guest(), api.guest()]);
});
afterAll(() => world[Symbol.asyncDispose]());

const post = (room: string, id: string, text = "hello", who = owner) =>
  api.call<{ seq: number; epoch: number; at: number }>("POST", `/rooms/${room}/messages`, {
    token: who.token,
    body: { id, text },
  });
const history = (room: string, query = "", who = owner) =>
  api.call<HistoryPage>("GET", `/rooms/${room}/messages${query}`, { token: who.token });
const seqs = ({ messages }: HistoryPage) => messages.map(({ seq }) => seq);

test("G3 the same event id again answers the same seq, as a duplicate", async () => {
  const room = await api.room(owner);
  const first = await post(room.id, "one");
  const again = await post(room.id, "one", "other words");
  expect(first).toMatchObject({ status: 201, body: { seq: 1, epoch: 1 } });
  expect(again.status).toBe(200);
  expect(again.body).toEqual({ ...first.body, duplicate: true });
  expect((await history(room.id)).body.messages).toMatchObject([{ seq: 1, text: "hello", by: owner.user }]);
});

test("a page of history rises by seq, includes what is not committed, and says where the room stands", async () => {
  const room = await api.room(owner);
  for (let seq = 1; seq <= 7; seq += 1) await post(room.id, `m${seq}`);
  const newest = (await history(room.id, "?limit=3")).body;
  expect(seqs(newest)).toEqual([5, 6, 7]);
  expect(newest).toMatchObject({ head: 7, epoch: 1 });
  expect(seqs((await history(room.id, "?before=3")).body)).toEqual([1, 2]);
  expect(seqs((await history(room.id, "?after=5")).body)).toEqual([6, 7]);
  expect(seqs((await history(room.id, "?after=0&limit=2")).body)).toEqual([1, 2]);
  expect(seqs((await history(room.id, "?after=7")).body)).toEqual([]);
  expect((await history(room.id, "?limit=9999")).status).toBe(200);
});

test("the history of a new room is empty, and the room has its first epoch: nobody needs to begin one", async () => {
  const room = await api.room(owner);
  expect((await history(room.id)).body).toEqual({ messages: [], head: 0, epoch: 1 });
});

test("a history is whole or marked as partial, also when the log is away for one question only", async () => {
  const room = await api.room(owner);
  for (let seq = 1; seq <= 3; seq += 1) await post(room.id, `m${seq}`);
  let isAway = true;
  const heads: Broker["heads"] = async (rooms) => {
    if (!isAway) return world.broker.heads(rooms);
    isAway = false;
    throw new BrokerUnavailable("away for a moment");
  };
  const broker = new Proxy(world.broker, {
    get(target, key) {
      const member: unknown = key === "heads" ? heads : Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const shaken = new TestApi({ ...world, broker });
  const page = () => shaken.call("GET", `/rooms/${room.id}/messages?after=0`, { token: owner.token });
  expect((await page()).body).toEqual({ messages: [], head: 0, epoch: 1, partial: true });
});

test("only members read and post: join first", async () => {
  const room = await api.room(owner);
  expect(await history(room.id, "", stranger)).toMatchObject({ status: 403, body: { code: "not_member" } });
  expect(await post(room.id, "a", "hi", stranger)).toMatchObject({ status: 403, body: { code: "not_member" } });
});

test("a private room does not exist for strangers", async () => {
  const room = await api.room(owner, "private");
  expect(await history(room.id, "", stranger)).toMatchObject({ status: 404, body: { code: "unknown_room" } });
  expect(await post(room.id, "a", "hi", stranger)).toMatchObject({ status: 404, body: { code: "unknown_room" } });
});

test.each([
  ["a seq that is none", "?after=-1"],
  ["a limit that is none", "?limit=many"],
])("%s is a bad_request", async (_what, query) => {
  const room = await api.room(owner);
  expect(await history(room.id, query)).toMatchObject({ status: 400, body: { code: "bad_request" } });
});

test("before and after together give what is between them", async () => {
  const room = await api.room(owner);
  for (const id of ["a", "b", "c", "d"]) await post(room.id, id, id);
  const [first] = (await history(room.id, "?limit=1&after=0")).body.messages;
  const from = first?.seq ?? 0;
  const { body } = await history(room.id, `?after=${from}&before=${from + 3}`);
  expect(body.messages.map(({ seq }) => seq)).toEqual([from + 1, from + 2]);
  expect((await history(room.id, `?after=${from}&before=${from + 1}`)).body.messages).toEqual([]);
});

test.each([
  ["", 400, "bad_request"],
  ["\u0000", 400, "bad_request"],
  ["x".repeat(9_000), 413, "too_large"],
])(
  "a text that is empty, has U+0000 or is too long is refused by the code of the protocol, which names the field",
  async (text, status, code) => {
    const room = await api.room(owner);
    const refusal = { status, body: { code, detail: expect.stringMatching(/^text: /) } };
    expect(await post(room.id, "a", text)).toMatchObject(refusal);
  },
);

test("a post to a room of more members than the setting mentions nobody by @room", async () => {
  const room = await api.room(owner);
  const small = new TestApi(world, { MENTION_ALL_MAX_MEMBERS: "1" });
  const mentionsOf = async (id: string) => {
    await small.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body: { id, text: "@room" } });
    const { messages } = (await history(room.id, "?limit=1")).body;
    return messages[0] !== undefined && "mentions" in messages[0] ? messages[0].mentions : undefined;
  };
  expect(await mentionsOf("alone")).toEqual({ room: true });
  await api.call("POST", `/rooms/${room.id}/join`, { token: stranger.token });
  expect(await mentionsOf("crowd")).toBeUndefined();
});

test("G8 posts above the user's rate are refused with the time to wait", async () => {
  const strict = new TestApi(world, { PUBLISHES_PER_SECOND_PER_USER: "1" });
  const room = await api.room(owner);
  const send = (id: string) =>
    strict.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body: { id, text: "x" } });
  const answers = [await send("a"), await send("b")];
  expect(answers[0]?.status).toBe(201);
  expect(answers[1]).toMatchObject({
    status: 429,
    body: {
      code: "rate_limited",
      retryAfterMs: expect.any(Number),
      limit: { name: "user_publishes", count: 1, seconds: 1, left: 0 },
    },
  });
  expect(answers[1]?.headers.get("retry-after")).toBe("1");
});

test("G8 posts and changes above the rate of their room are refused by its name; those of another room are not", async () => {
  const strict = new TestApi(world, { PUBLISHES_PER_SECOND_PER_ROOM: "2" });
  const [loud, quiet] = [await api.room(owner), await api.room(owner)];
  const send = (room: string, id: string) =>
    strict.call("POST", `/rooms/${room}/messages`, { token: owner.token, body: { id, text: "x" } });
  const answers = await Promise.all(["a", "b", "c", "d"].map((id) => send(loud.id, id)));
  const limit = { name: "room_publishes", count: 2, seconds: 1, left: 0 };
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(answers.filter(({ status }) => status === 429)).toMatchObject([{ body: { limit } }, { body: { limit } }]);
  expect((await send(quiet.id, "e")).status).toBe(201);
});

test("G8 a guest reaches the limits of a user earlier, by the setting, and is told the guest's own limit", async () => {
  const strict = new TestApi(world, { GUEST_LIMIT_PERCENT: "50", ROOMS_PER_MINUTE_PER_USER: "4" });
  const create = (token: string, name: string) =>
    strict.call("POST", "/rooms", { token, body: { name: `${name} ${newId()}`, visibility: "private" } });
  const answers = [];
  for (let at = 0; at < 3; at += 1) answers.push(await create(owner.token, "guest"));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
  const limit = { name: "user_rooms", count: 2, seconds: 60, left: 0 };
  expect(answers[2]).toMatchObject({ body: { code: "rate_limited", limit } });
});

test("G8 a client that ignores refusals makes few requests, and other clients do not wait", async () => {
  const strict = new TestApi(world, { PUBLISHES_PER_SECOND_PER_USER: "1" });
  const room = await api.room(owner);
  const send = (id: string) =>
    strict.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body: { id, text: "x".repeat(8_192) } });
  expect((await send("a")).status).toBe(201);
  const startedAt = performance.now();
  let refused = 0;
  while (performance.now() < startedAt + 1_000) {
    expect((await send("b")).status).toBe(429);
    refused += 1;
    // A text of eight KiB counts as eight.
    expect((await strict.call("GET", "/me", { token: owner.token })).status).toBe(200);
  }
  expect(refused).toBeLessThanOrEqual(4);
});

test("G8 a page of large texts is bounded in bytes, and its cursor leads to the rest", async () => {
  const room = await api.room(owner);
  const ids = Array.from({ length: 60 }, (_none, index) => `large${index}`);
  const wide = new TestApi(world, { PUBLISHES_PER_SECOND_PER_USER: "1000" });
  for (const id of ids) {
    const body = { id, text: "x".repeat(8_000) };
    expect((await wide.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body })).status).toBe(201);
  }
  const newest = (await history(room.id, "?limit=200")).body;
  expect(JSON.stringify(newest).length).toBeLessThan(HISTORY_PAGE_MAX_BYTES + 1_024);
  expect(newest.cursor).toBe(newest.messages[0]?.seq);
  for (const direction of ["before", "after"]) {
    const seen: number[] = [];
    for (let from: number | undefined = direction === "after" ? 0 : 61; from !== undefined; ) {
      const page: HistoryPage = (await history(room.id, `?${direction}=${from}&limit=200`)).body;
      seen.push(...seqs(page));
      from = page.cursor;
    }
    expect(seen.toSorted((one, other) => one - other)).toEqual(ids.map((_id, index) => index + 1));
  }
});

test("G8 pages cost by their bytes: a loop over large ones is refused with the time to wait", async () => {
  const room = await api.room(owner);
  const strict = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "65536" });
  const body = { id: "one", text: "x".repeat(8_000) };
  await strict.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body });
  const read = () => strict.call("GET", `/rooms/${room.id}/messages`, { token: owner.token });
  const answers = await Promise.all(Array.from({ length: 100 }, read));
  const taken = answers.filter(({ status }) => status === 200).length;
  expect(taken).toBeGreaterThan(0);
  // At once or not, each page is charged before the next: two seconds' worth, and what the loop's own time adds.
  expect(taken).toBeLessThan(40);
  expect(answers.at(-1)).toMatchObject({
    status: 429,
    body: { code: "rate_limited", retryAfterMs: expect.any(Number) },
  });
});

// The last of the file: the shard that it fills stays full, and other rooms may hash to it.
test("G8 a log whose backlog is full refuses with overloaded", async () => {
  const room = await api.room(owner);
  // The writer of this world never runs: the backlog only grows.
  const wide = new TestApi(world, { PUBLISHES_PER_SECOND_PER_USER: "100000" });
  const fill = (id: string) =>
    wide.call("POST", `/rooms/${room.id}/messages`, { token: owner.token, body: { id, text: "x" } });
  let last = await fill("x0");
  for (let round = 0; last.status === 201 && round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 100 }, (_none, index) => fill(`x${round}-${index}`)));
    last = answers.at(-1) ?? last;
  }
  expect(last).toMatchObject({ status: 503, body: { code: "overloaded", retryAfterMs: expect.any(Number) } });
});
