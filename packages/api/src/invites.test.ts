import { type Invite, type Member, newId, type Room, type RoomId, type StatePage, type UserId } from "@hubbub/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let other: Person;
let third: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "1000" });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  [owner, other, third] = await Promise.all([api.guest(), api.guest(), api.guest()]);
});

const at = <Body = Room>(method: string, path: string, who: Person, body?: object) =>
  api.call<Body>(method, path, { token: who.token, body });
const link = async (room: RoomId, who: Person, body: object = {}) =>
  (await at<Invite>("POST", `/rooms/${room}/invites`, who, body)).body;
const enter = (code: string | undefined, who: Person) => at("POST", `/invites/${code}/join`, who);
const refused = (status: number, code: string) => ({ status, body: { code } });

test("a link leads into a private room, shows its name and count before, and each use counts once", async () => {
  const room = await api.room(owner, "private");
  const { code, id, usesLeft } = await link(room.id, owner, { uses: 2, role: "guest" });
  expect(usesLeft).toBe(2);
  expect((await at("GET", `/invites/${code}`, other)).body).toEqual({ name: room.name, members: 1 });
  expect(await enter(code, other)).toMatchObject({ status: 200, body: { id: room.id, role: "guest" } });
  expect(await enter(code, other)).toMatchObject({ status: 200, body: { role: "guest" } });
  const { invites } = (await at<{ invites: Invite[] }>("GET", `/rooms/${room.id}/invites`, owner)).body;
  expect(invites).toEqual([expect.objectContaining({ id, usesLeft: 1 })]);
  expect(invites[0]).not.toHaveProperty("code");
  expect((await enter(code, third)).status).toBe(200);
  expect(await enter(code, await api.guest())).toMatchObject(refused(404, "unknown_invite"));
});

test("a revoked link, an unknown one and one of a deleted room open nothing", async () => {
  const room = await api.room(owner, "private");
  const [first, second] = [await link(room.id, owner), await link(room.id, owner)];
  expect((await at("DELETE", `/rooms/${room.id}/invites/${first.id}`, owner)).status).toBe(204);
  expect(await at("DELETE", `/rooms/${room.id}/invites/${first.id}`, owner)).toMatchObject(
    refused(404, "unknown_invite"),
  );
  expect(await enter(first.code, other)).toMatchObject(refused(404, "unknown_invite"));
  expect(await enter("A".repeat(22), other)).toMatchObject(refused(404, "unknown_invite"));
  expect((await at("DELETE", `/rooms/${room.id}`, owner)).status).toBe(204);
  expect(await enter(second.code, other)).toMatchObject(refused(404, "unknown_invite"));
});

test("a banned user takes no use of a link, and a removed one does not come back by it", async () => {
  const room = await api.room(owner, "private");
  const { code } = await link(room.id, owner, { uses: 2 });
  await at("PUT", `/rooms/${room.id}/bans/${other.user.id}`, owner, { reason: "spam" });
  for (let time = 0; time < 3; time += 1) expect(await enter(code, other)).toMatchObject(refused(403, "banned"));
  expect((await enter(code, third)).status).toBe(200);
  await at("DELETE", `/rooms/${room.id}/members/${third.user.id}`, owner);
  expect(await enter(code, third)).toMatchObject(refused(403, "forbidden"));
});

test("a removal ends the links of the removed member, and says that it cannot keep out somebody who left before", async () => {
  const room = await api.room(owner, "private");
  await enter((await link(room.id, owner)).code, other);
  const own = await link(room.id, other);
  const remove = () => at("DELETE", `/rooms/${room.id}/members/${other.user.id}`, owner);
  expect((await at("POST", `/rooms/${room.id}/leave`, other)).status).toBe(204);
  expect(await remove()).toMatchObject(refused(404, "unknown_user"));
  expect(await enter(own.code, third)).toMatchObject(refused(404, "unknown_invite"));
  expect((await at("POST", `/rooms/${room.id}/join`, other)).status).toBe(200);
  const another = await link(room.id, other);
  for (let time = 0; time < 2; time += 1) expect((await remove()).status).toBe(204);
  expect(await enter(another.code, third)).toMatchObject(refused(404, "unknown_invite"));
});

test("somebody with a weaker role makes no link for a stronger one", async () => {
  const room = await api.room(owner);
  await at("POST", `/rooms/${room.id}/join`, other);
  await at("PUT", `/rooms/${room.id}/members/${other.user.id}`, owner, { role: "guest" });
  await at("PATCH", `/rooms/${room.id}`, owner, { settings: { permissions: { invite: "guest" } } });
  expect(await link(room.id, other, { role: "member" })).toMatchObject({ code: "forbidden" });
  expect(await link(room.id, other)).toMatchObject({ role: "guest" });
  const body = { username: third.user.username };
  expect(await at("POST", `/rooms/${room.id}/invites`, other, body)).toMatchObject(refused(403, "forbidden"));
});

test("an invitation is listed until it is accepted or declined, and lets a removed user back in", async () => {
  const room = await api.room(owner, "private");
  const invite = () => at("POST", `/rooms/${room.id}/invites`, owner, { username: other.user.username });
  const listed = async () => (await at<{ invitations: object[] }>("GET", "/me/invitations", other)).body.invitations;
  expect(await at("POST", `/me/invitations/${room.id}/accept`, other)).toMatchObject(refused(404, "unknown_invite"));
  expect((await invite()).status).toBe(204);
  expect((await invite()).status).toBe(204);
  expect(await listed()).toEqual([{ room: room.id, name: room.name, by: owner.user, at: expect.any(Number) }]);
  expect((await at("DELETE", `/me/invitations/${room.id}`, other)).status).toBe(204);
  expect(await listed()).toEqual([]);
  await invite();
  const accept = () => at("POST", `/me/invitations/${room.id}/accept`, other);
  expect(await accept()).toMatchObject({ status: 200, body: { role: "member" } });
  expect(await accept()).toMatchObject({ status: 200 });
  expect(await listed()).toEqual([]);
  await at("DELETE", `/rooms/${room.id}/members/${other.user.id}`, owner);
  await invite();
  expect(await accept()).toMatchObject({ status: 200, body: { role: "member" } });
});

test("a ban ends an invitation, and nobody invites a banned user", async () => {
  const room = await api.room(owner, "private");
  const invite = () => at("POST", `/rooms/${room.id}/invites`, owner, { username: other.user.username });
  await invite();
  await at("PUT", `/rooms/${room.id}/bans/${other.user.id}`, owner, { seconds: 60 });
  expect((await at<{ invitations: [] }>("GET", "/me/invitations", other)).body.invitations).toEqual([]);
  expect(await invite()).toMatchObject(refused(403, "banned"));
  const { bans } = (await at<{ bans: object[] }>("GET", `/rooms/${room.id}/bans`, owner)).body;
  expect(bans).toEqual([expect.objectContaining({ user: other.user, by: owner.user.id, until: expect.any(Number) })]);
  await at("DELETE", `/rooms/${room.id}/bans/${other.user.id}`, owner);
  expect((await invite()).status).toBe(204);
});

const direct = (who: Person, ...users: Person[]) =>
  at("POST", "/direct", who, { users: users.map(({ user }) => user.username) });
const say = (room: RoomId, who: Person) =>
  at<object>("POST", `/rooms/${room}/messages`, who, { id: newId(), text: "hello" });

test("a direct room is one for its set of users, whoever asks first, also at once", async () => {
  const [first, second] = await Promise.all([direct(owner, other), direct(other, owner, other)]);
  expect(first).toMatchObject({
    status: 200,
    body: { visibility: "direct", role: "member", name: other.user.username },
  });
  expect(second.body.id).toBe(first.body.id);
  const ofThree = await direct(owner, other, third);
  expect(ofThree.body.id).not.toBe(first.body.id);
  const { rooms } = (await at<StatePage>("GET", "/me/state", third)).body;
  const name = [owner, other]
    .map(({ user }) => user.username)
    .toSorted()
    .join(", ");
  expect(rooms).toMatchObject([{ room: ofThree.body.id, visibility: "direct", name }]);
  const listed = (await at<{ rooms: Room[] }>("GET", "/rooms?joined=true", third)).body.rooms;
  expect(listed).toMatchObject([{ id: ofThree.body.id, name }]);
  expect(await say(first.body.id, other)).toMatchObject({ status: 201 });
  expect(await at("GET", `/rooms/${first.body.id}`, third)).toMatchObject(refused(404, "unknown_room"));
});

test("nobody joins, leaves, or is invited to a direct room", async () => {
  const { id } = (await direct(owner, other)).body;
  expect(await at("POST", `/rooms/${id}/join`, third)).toMatchObject(refused(404, "unknown_room"));
  expect(await at("POST", `/rooms/${id}/leave`, other)).toMatchObject(refused(403, "forbidden"));
  for (const body of [{}, { username: third.user.username }]) {
    expect(await at("POST", `/rooms/${id}/invites`, owner, body)).toMatchObject(refused(403, "forbidden"));
  }
  for (const [method, path] of [
    ["PUT", `/rooms/${id}/bans/${other.user.id}`],
    ["DELETE", `/rooms/${id}/members/${other.user.id}`],
    ["DELETE", `/rooms/${id}`],
  ] as const) {
    const body = method === "PUT" ? {} : undefined;
    expect(await at(method, path, owner, body)).toMatchObject(refused(403, "forbidden"));
  }
});

test("a blocked user cannot write in the direct room of two, until the block ends; in a larger one they can", async () => {
  const { id } = (await direct(owner, other)).body;
  const { id: large } = (await direct(owner, other, third)).body;
  expect((await at("PUT", `/me/blocks/${other.user.id}`, owner)).status).toBe(204);
  expect((await at<{ users: object[] }>("GET", "/me/blocks", owner)).body.users).toEqual([other.user]);
  expect(world.controls).toContainEqual({ type: "member-changed", room: id, user: other.user.id });
  expect(await say(id, other)).toMatchObject(refused(403, "muted"));
  expect((await say(id, owner)).status).toBe(201);
  expect((await say(large, other)).status).toBe(201);
  expect(await direct(other, owner)).toMatchObject(refused(403, "forbidden"));
  expect((await at("DELETE", `/me/blocks/${other.user.id}`, owner)).status).toBe(204);
  expect((await say(id, other)).status).toBe(201);
});

test("a blocked user does not see among the members whether the other is there", async () => {
  const room = await api.room(owner);
  await at("POST", `/rooms/${room.id}/join`, other);
  await world.broker.presence.renew({ node: "n1", connections: 2, rooms: 1, startedAt: 0 });
  await world.broker.presence.set("n1", [owner.user.id, other.user.id], true);
  const online = async (who: Person) =>
    (await at<{ members: Member[] }>("GET", `/rooms/${room.id}/members`, who)).body.members
      .filter((member) => member.online)
      .map(({ user }) => user.username)
      .toSorted();
  const both = [owner.user.username, other.user.username].toSorted();
  expect([await online(owner), await online(other)]).toEqual([both, both]);
  await at("PUT", `/me/blocks/${other.user.id}`, owner);
  expect([await online(owner), await online(other)]).toEqual([both, [other.user.username]]);
});

test("mentions by a blocked user are not counted", async () => {
  const room = await api.room(owner);
  await at("POST", `/rooms/${room.id}/join`, other);
  await at("PUT", `/rooms/${room.id}/members/${other.user.id}`, owner, { role: "moderator" });
  const mentions = async () =>
    (await at<StatePage>("GET", "/me/state", owner)).body.rooms.find((r) => r.room === room.id)?.mentions;
  for (const text of [`@${owner.user.username}`, "@room"]) {
    await at("POST", `/rooms/${room.id}/messages`, other, { id: newId(), text });
  }
  await world.commit();
  expect(await mentions()).toBe(2);
  await at("PUT", `/me/blocks/${other.user.id}`, owner);
  expect(await mentions()).toBe(0);
});

test("somebody who is blocked brings the other into no room, and nobody is alone in a direct one", async () => {
  const room = await api.room(other, "private");
  await at("PUT", `/me/blocks/${other.user.id}`, owner);
  const body = { username: owner.user.username };
  for (const path of ["invites", "members"]) {
    expect(await at("POST", `/rooms/${room.id}/${path}`, other, body)).toMatchObject(refused(403, "forbidden"));
  }
  expect(await direct(owner, owner)).toMatchObject(refused(400, "bad_request"));
});

test("nobody blocks themselves or somebody who is not there", async () => {
  expect(await at("PUT", `/me/blocks/${owner.user.id}`, owner)).toMatchObject(refused(400, "bad_request"));
  expect(await at("PUT", `/me/blocks/${newId<UserId>()}`, owner)).toMatchObject(refused(404, "unknown_user"));
});

test("G8 lists of links, invitations and blocks are pages, which cost", async () => {
  const { id } = await api.room(owner);
  for (const path of [`/rooms/${id}/invites`, "/me/invitations", "/me/blocks"]) {
    const strict = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "65536" });
    const read = async () => (await strict.call("GET", path, { token: owner.token })).status;
    const statuses = await Promise.all(Array.from({ length: 40 }, read));
    expect([path, new Set(statuses)]).toEqual([path, new Set([200, 429])]);
  }
});
