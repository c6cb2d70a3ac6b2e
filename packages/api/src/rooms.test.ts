import { createMemoryBroker } from "@hubbub/broker";
import { type HistoryPage, type Member, newId, type Room, type RoomId } from "@hubbub/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let other: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  [owner, other] = await Promise.all([api.guest(), api.guest()]);
  world.controls.length = 0;
});

const at = <Body = Room>(method: string, path: string, who: Person, body?: object) =>
  api.call<Body>(method, path, { token: who.token, body });
const join = (room: string, who: Person) => at("POST", `/rooms/${room}/join`, who);
const leave = (room: string, who: Person) => at("POST", `/rooms/${room}/leave`, who);
const bring = (room: string, username: string, who: Person) =>
  at<Member>("POST", `/rooms/${room}/members`, who, { username });
const members = (room: string, who: Person) =>
  at<{ members: Member[]; cursor?: string }>("GET", `/rooms/${room}/members`, who);
const events = async (room: string, who: Person) =>
  (await at<HistoryPage>("GET", `/rooms/${room}/messages`, who)).body.messages;

test("the creator of a room owns it", async () => {
  const name = `  lobby of ${owner.user.username} `;
  const created = await at("POST", "/rooms", owner, { name, visibility: "public", topic: "all things" });
  const room = { id: expect.any(String), name: name.trim(), visibility: "public", topic: "all things", head: 0 };
  expect(created).toMatchObject({ status: 201, body: { ...room, role: "owner" } });
  expect((await at("GET", `/rooms/${created.body.id}`, other)).body).toEqual({ ...created.body, role: null });
});

test("a public room's name is taken once; private rooms may share one", async () => {
  const body = { name: `hall of ${owner.user.username}`, visibility: "public" };
  await at("POST", "/rooms", owner, body);
  expect(await at("POST", "/rooms", other, body)).toMatchObject({ status: 409, body: { code: "room_name_taken" } });
  expect((await at("POST", "/rooms", other, { ...body, visibility: "private" })).status).toBe(201);
});

test.each([
  ["no name", { visibility: "public" }, "name: "],
  ["a blank name", { name: "  ", visibility: "public" }, "name: "],
  ["an unknown visibility", { name: "x", visibility: "secret" }, "visibility: "],
])("a room with %s is a bad_request", async (_what, body, field) => {
  const answer = await at("POST", "/rooms", owner, body);
  expect(answer).toMatchObject({ status: 400, body: { code: "bad_request", detail: expect.stringContaining(field) } });
});

test("G8 rooms above the user's rate are refused", async () => {
  const strict = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "1" });
  const create = (name: string) =>
    strict.call("POST", "/rooms", { token: owner.token, body: { name, visibility: "private" } });
  expect((await create("one")).status).toBe(201);
  expect(await create("two")).toMatchObject({ status: 429, body: { code: "rate_limited" } });
});

test("a join informs gateways and the room once; a repeated join succeeds without a second event", async () => {
  const room = await api.room(owner);
  expect(await join(room.id, other)).toMatchObject({ status: 200, body: { id: room.id, role: "member", head: 1 } });
  expect(await join(room.id, other)).toMatchObject({ status: 200, body: { role: "member", head: 1 } });
  expect(await join(room.id, owner)).toMatchObject({ status: 200, body: { role: "owner", head: 1 } });
  expect(await events(room.id, other)).toMatchObject([{ kind: "join", seq: 1, by: other.user, user: other.user.id }]);
  expect(world.controls).toContainEqual({ type: "member-added", room: room.id, user: other.user.id });
});

test("G8 joins and leaves above the user's or the room's rate are refused with the time to wait", async () => {
  const room = await api.room(owner);
  for (const limit of ["PUBLISHES_PER_SECOND_PER_USER", "MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM"]) {
    const strict = new TestApi(world, { [limit]: "1" });
    const ask = (what: string) => strict.call("POST", `/rooms/${room.id}/${what}`, { token: other.token });
    // Whichever comes first is taken.
    const answers = await Promise.all([ask("join"), ask("leave")]);
    const [refused, ...others] = answers.filter(({ status }) => status >= 400);
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited", retryAfterMs: expect.any(Number) } });
    expect(others).toEqual([]);
  }
});

test("G8 changes refused to a user do not use up the room's rate", async () => {
  const strict = new TestApi(world, { MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: "1" });
  const ask = (who: Person, method: string, path: string, body?: object) =>
    strict.call(method, `/rooms/${room.id}${path}`, { token: who.token, body });
  const room = await api.room(owner, "private");
  expect((await ask(other, "POST", "/join")).status).toBe(404);
  expect((await ask(other, "DELETE", `/members/${owner.user.id}`)).status).toBe(404);
  expect((await ask(owner, "POST", "/members", { username: other.user.username })).status).toBe(201);
});

test("G8 additions by an owner are bounded per hour over all rooms; joins are not", async () => {
  const strict = new TestApi(world, { ADDITIONS_PER_HOUR_PER_USER: "2" });
  const rooms = [await api.room(owner, "private"), await api.room(owner, "private"), await api.room(owner)] as const;
  const add = (room: string) =>
    strict.call("POST", `/rooms/${room}/members`, { token: owner.token, body: { username: other.user.username } });
  expect([(await add(rooms[0].id)).status, (await add(rooms[1].id)).status]).toEqual([201, 201]);
  const refused = await add(rooms[2].id);
  expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited", retryAfterMs: expect.any(Number) } });
  expect((await strict.call("POST", `/rooms/${rooms[2].id}/join`, { token: other.token })).status).toBe(200);
});

test("concurrent joins of one user make one event", async () => {
  const room = await api.room(owner);
  const answers = await Promise.all(Array.from({ length: 5 }, () => join(room.id, other)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await events(room.id, other)).toHaveLength(1);
});

test("a leave informs gateways and the room once, and ends access; a repeated leave succeeds", async () => {
  const room = await api.room(owner);
  await join(room.id, other);
  expect((await leave(room.id, other)).status).toBe(204);
  expect((await leave(room.id, other)).status).toBe(204);
  expect(await events(room.id, owner)).toMatchObject([{ kind: "join" }, { kind: "leave", user: other.user.id }]);
  expect(world.controls).toContainEqual({ type: "member-removed", room: room.id, user: other.user.id });
  expect(await members(room.id, other)).toMatchObject({ status: 403, body: { code: "not_member" } });
});

test("a private room is entered through its owner only, and does not exist for others", async () => {
  const room = await api.room(owner, "private");
  const hidden = { status: 404, body: { code: "unknown_room" } };
  expect(await join(room.id, other)).toMatchObject(hidden);
  expect(await at("GET", `/rooms/${room.id}`, other)).toMatchObject(hidden);
  expect(await members(room.id, other)).toMatchObject(hidden);
  expect(await bring(room.id, other.user.username, other)).toMatchObject(hidden);
  const brought = await bring(room.id, other.user.username, owner);
  expect(brought).toMatchObject({ status: 201, body: { user: other.user, role: "member", online: false } });
  expect(await join(room.id, other)).toMatchObject({ status: 200, body: { role: "member" } });
  expect(await events(room.id, other)).toMatchObject([{ kind: "join", by: owner.user, user: other.user.id }]);
});

test("the last owner cannot leave other members: the owner hands the room over first, or closes an empty one", async () => {
  for (const visibility of ["public", "private"] as const) {
    const room = await api.room(owner, visibility);
    await bring(room.id, other.user.username, owner);
    const setRole = (user: string, role: string, who: Person) =>
      at("PUT", `/rooms/${room.id}/members/${user}`, who, { role });
    const lastOwner = { status: 409, body: { code: "last_owner" } };
    for (let time = 0; time < 2; time += 1) expect(await leave(room.id, owner)).toMatchObject(lastOwner);
    expect(await setRole(owner.user.id, "member", owner)).toMatchObject(lastOwner);
    expect(await setRole(other.user.id, "owner", other)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const heard = world.controls.length;
    expect((await setRole(other.user.id, "owner", owner)).status).toBe(204);
    const told = expect.objectContaining({ room: room.id, user: other.user.id });
    await expect.poll(() => world.controls.slice(heard)).toContainEqual(told);
    expect((await leave(room.id, owner)).status).toBe(204);
    expect(await leave(room.id, other)).toMatchObject({ status: 409, body: { code: "last_member" } });
    expect((await at("POST", `/rooms/${room.id}/leave?close=true`, other)).status).toBe(204);
    expect(await join(room.id, owner)).toMatchObject({ status: 404, body: { code: "unknown_room" } });
    expect((await at("POST", "/rooms", owner, { name: room.name, visibility })).status).toBe(201);
  }
});

test("a removed member cannot join again until an owner adds them", async () => {
  const room = await api.room(owner);
  await join(room.id, other);
  const remove = (user: string, who: Person) => at("DELETE", `/rooms/${room.id}/members/${user}`, who);
  expect(await remove(owner.user.id, other)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await remove(owner.user.id, owner)).toMatchObject({ status: 400, body: { code: "bad_request" } });
  expect((await remove(other.user.id, owner)).status).toBe(204);
  expect(world.controls).toContainEqual({ type: "member-removed", room: room.id, user: other.user.id });
  expect((await events(room.id, owner)).at(-1)).toMatchObject({ kind: "leave", by: owner.user, user: other.user.id });
  expect(await join(room.id, other)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await bring(room.id, other.user.username, owner)).status).toBe(201);
});

test("an owner cannot add a user who left; the user can join again, also a private room", async () => {
  const room = await api.room(owner, "private");
  await bring(room.id, other.user.username, owner);
  expect((await leave(room.id, other)).status).toBe(204);
  expect(await bring(room.id, other.user.username, owner)).toMatchObject({ status: 409, body: { code: "has_left" } });
  expect(await at("GET", `/rooms/${room.id}`, other)).toMatchObject({ status: 404 });
  expect(await join(room.id, other)).toMatchObject({ status: 200, body: { role: "member" } });
});

test("the answer to an addition does not reveal whether the user is online", async () => {
  const room = await api.room(owner);
  await world.broker.presence.renew({ node: "n2", connections: 1, rooms: 1, startedAt: 0 });
  await world.broker.presence.set("n2", [other.user.id], true);
  expect((await bring(room.id, other.user.username, owner)).body).toMatchObject({ online: false });
  await world.broker.presence.set("n2", [other.user.id], false);
});

test("a repeated creation with the same id answers the same room", async () => {
  const body = { id: "retry-1", name: `once ${owner.user.id}`, visibility: "private" };
  const first = await at("POST", "/rooms", owner, body);
  const again = await at("POST", "/rooms", owner, body);
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body).toEqual(first.body);
});

test.each([
  ["a line break", "a\nb", "must not contain line breaks"],
  ["an escape", "a\u001b[31m", "must not contain line breaks or control characters"],
  ["an override of the direction", "a\u202eb", "direction"],
  ["nothing visible", "\u200b", "visible"],
  ["nothing visible but a joiner and a mark", "\u200d\u0301", "visible"],
])("a room name with %s is refused with the reason", async (_what, name, reason) => {
  const refused = { status: 400, body: { code: "bad_request", detail: expect.stringContaining(reason) } };
  expect(await at("POST", "/rooms", owner, { name, visibility: "private" })).toMatchObject(refused);
  if (reason === "visible") return;
  const body = { name: "fine", topic: name, visibility: "private" };
  expect(await at("POST", "/rooms", owner, body)).toMatchObject(refused);
});

test("a name is stored composed, and found by its whole name whatever its case", async () => {
  const made = await at<Room>("POST", "/rooms", owner, { name: `CAFE\u0301 ${owner.user.id}`, visibility: "public" });
  expect(made.body.name).toBe(`CAF\u00c9 ${owner.user.id}`);
  const name = encodeURIComponent(`caf\u00e9 ${owner.user.id}`);
  const found = await at<{ rooms: Room[]; cursor?: string }>("GET", `/rooms?name=${name}`, other);
  expect(found.body).toEqual({ rooms: [{ ...made.body, role: null }] });
  expect((await at<{ rooms: Room[] }>("GET", `/rooms?name=${name.slice(0, 6)}`, other)).body.rooms).toEqual([]);
});

test.each(["/rooms?limit=5", "/rooms?member=me", "/rooms/ID/members?limit=5", "/rooms/ID/messages?cursor=5"])(
  "a query parameter that a list does not know is refused: %s",
  async (path) => {
    const room = await api.room(owner);
    const answer = await at("GET", path.replace("ID", room.id), owner);
    expect(answer).toMatchObject({ status: 400, body: { code: "bad_request" } });
  },
);

test("a repeated addition succeeds; only owners add, and only existing users", async () => {
  const room = await api.room(owner);
  const third = await api.guest();
  expect((await bring(room.id, other.user.username, owner)).status).toBe(201);
  expect((await bring(room.id, other.user.username, owner)).status).toBe(200);
  expect((await bring(room.id, owner.user.username, owner)).body).toMatchObject({ role: "owner" });
  expect(await bring(room.id, third.user.username, other)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await bring(room.id, other.user.username, third)).toMatchObject({ status: 403, body: { code: "not_member" } });
  expect(await bring(room.id, "nobody-at-all", owner)).toMatchObject({ status: 404, body: { code: "unknown_user" } });
});

test("members are listed with their role and whether they are online", async () => {
  const room = await api.room(owner);
  await join(room.id, other);
  await world.broker.presence.renew({ node: "n1", connections: 1, rooms: 1, startedAt: 0 });
  await world.broker.presence.set("n1", [other.user.id], true);
  const { body } = await members(room.id, owner);
  expect(body.members).toHaveLength(2);
  expect(body.members).toContainEqual({ user: owner.user, role: "owner", online: false });
  expect(body.members).toContainEqual({ user: other.user, role: "member", online: true });
  expect(body.cursor).toBeUndefined();
});

test("rooms are listed joined, not joined or both, found by a part of the name, page by page", async () => {
  const mine = await api.room(owner);
  const theirs = await api.room(other);
  const hidden = await api.room(other, "private");
  await api.call("POST", `/rooms/${mine.id}/messages`, { token: owner.token, body: { id: "a", text: "x" } });
  const list = async (query: string) =>
    (await at<{ rooms: Room[]; cursor?: string }>("GET", `/rooms${query}`, owner)).body;
  expect((await list("?joined=true")).rooms).toEqual([{ ...mine, head: 1 }]);
  const found = await list(`?joined=false&query=${other.user.id.toUpperCase()}`);
  expect(found.rooms).toEqual([{ ...theirs, role: null }]);
  expect((await list(`?query=${other.user.id}`)).rooms.map(({ id }) => id)).not.toContain(hidden.id);
  await Promise.all(Array.from({ length: 60 }, () => api.room(owner)));
  const first = await list("?joined=true");
  const second = await list(`?joined=true&cursor=${first.cursor}`);
  expect([first.rooms.length, second.rooms.length, second.cursor]).toEqual([50, 11, undefined]);
  expect(new Set([...first.rooms, ...second.rooms].map(({ id }) => id)).size).toBe(61);
});

test("an invented cursor is a bad_request", async () => {
  const room = await api.room(owner);
  for (const path of ["/rooms?cursor=xyz", `/rooms/${room.id}/members?cursor=xyz`]) {
    expect(await at("GET", path, owner)).toMatchObject({ status: 400, body: { code: "bad_request" } });
  }
});

test.each([
  ["GET", ""],
  ["POST", "/join"],
  ["POST", "/leave"],
  ["GET", "/members"],
  ["GET", "/messages"],
])("%s /rooms/{id}%s of a room that is not there is an unknown_room", async (method, path) => {
  const answer = await at(method, `/rooms/${newId<RoomId>()}${path}`, owner);
  expect(answer).toMatchObject({ status: 404, body: { code: "unknown_room" } });
});

test("a full log does not delay access changes: gateways are informed, and a repeated call succeeds", async () => {
  const room = await api.room(owner);
  const broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 0, durableAccept: false });
  const heard: string[] = [];
  broker.listen({ deliver: () => undefined, control: ({ type }) => heard.push(type), interrupted: () => undefined });
  const full = new TestApi({ ...world, broker });
  const ask = (what: string) => full.call("POST", `/rooms/${room.id}/${what}`, { token: other.token });
  expect(await ask("join")).toMatchObject({ status: 503, body: { code: "overloaded" } });
  expect(await ask("join")).toMatchObject({ status: 200, body: { role: "member" } });
  expect(await ask("leave")).toMatchObject({ status: 503, body: { code: "overloaded" } });
  expect((await at("GET", `/rooms/${room.id}`, other)).body.role).toBeNull();
  expect((await ask("leave")).status).toBe(204);
  await expect.poll(() => heard).toEqual(["member-added", "member-added", "member-removed", "member-removed"]);
});
