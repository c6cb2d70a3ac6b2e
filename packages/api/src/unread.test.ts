import type { Person as Shown, StatePage } from "@hubbub/protocol";
import { ANNOUNCEMENTS_ROOM, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

const UNHURRIED = {
  SIGNUPS_PER_SECOND_PER_ADDRESS: "10000",
  PAGE_BYTES_PER_SECOND_PER_USER: "100000000",
  PAGE_BYTES_PER_SECOND_PER_ADDRESS: "100000000",
  PUBLISHES_PER_SECOND_PER_USER: "100000",
};
let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, UNHURRIED);
  [owner, member] = await Promise.all([api.guest(), api.guest()]);
});
afterAll(() => world[Symbol.asyncDispose]());

async function openRoom() {
  const { id } = await api.room(owner);
  await api.call("POST", `/rooms/${id}/join`, { token: member.token });
  return id;
}

const call = <Body>(who: Person, method: string, path: string, body?: object) =>
  api.call<Body>(method, path, { token: who.token, ...(body === undefined ? {} : { body }) });
const post = async (who: Person, room: RoomId, text: string) =>
  (await call<{ seq: number }>(who, "POST", `/rooms/${room}/messages`, { id: newId(), text })).body.seq;
const state = async (who: Person, query = "") => (await call<StatePage>(who, "GET", `/me/state${query}`)).body;
const ofRoom = async (who: Person, room: RoomId) => (await state(who)).rooms.find((one) => one.room === room);

test("the state of a room has its head, the mark, counts, choices and the newest message", async () => {
  const room = await openRoom();
  for (const text of ["one", `two @${member.user.username}`, "three"]) await post(owner, room, text);
  await world.commit();
  await post(owner, room, "not stored yet");
  const found = await ofRoom(member, room);
  expect(found).toMatchObject({ role: "member", epoch: 1, unread: 3, mentions: 1, level: "all", starred: false });
  expect(found?.last).toMatchObject({ text: "three", by: owner.user });
  expect(found?.head).toBe((found?.last?.seq ?? 0) + 1);
  expect(found).not.toHaveProperty("isStarred");
});

test("an edit changes nothing of whom a message mentions, and a deletion takes all of it away", async () => {
  const room = await openRoom();
  const third = await api.guest();
  await call(third, "POST", `/rooms/${room}/join`);
  const seq = await post(owner, room, `hello @${member.user.username}`);
  await call(owner, "PATCH", `/rooms/${room}/messages/${seq}`, {
    id: newId(),
    text: `hello @${third.user.username} @room`,
  });
  await world.commit();
  const counts = async () => [(await ofRoom(member, room))?.mentions, (await ofRoom(third, room))?.mentions];
  expect(await counts()).toEqual([1, 0]);
  const { messages } = (await call<{ messages: object[] }>(owner, "GET", `/rooms/${room}/messages?limit=1`)).body;
  expect(messages).toMatchObject([{ kind: "edit" }]);
  expect(messages[0]).not.toHaveProperty("mentions");
  await call(owner, "DELETE", `/rooms/${room}/messages/${seq}?id=${newId()}`);
  await world.commit();
  expect(await counts()).toEqual([0, 0]);
});

test("a mark that is put over HTTP is stored within two seconds, and when the api closes", async () => {
  const room = await openRoom();
  const seq = await post(owner, room, "one");
  await world.commit();
  const own = new TestApi(world, UNHURRIED);
  const put = await own.call("PUT", `/rooms/${room}/read`, { token: member.token, body: { seq: seq + 10 } });
  expect(put.status).toBe(204);
  await own.close();
  expect(await ofRoom(member, room)).toMatchObject({ read: seq, unread: 0 });
  const strange = await api.guest();
  expect((await call(strange, "PUT", `/rooms/${room}/read`, { seq })).status).toBe(403);
});

test("levels and stars are chosen by room, and told to the user's connections", async () => {
  const room = await openRoom();
  const told = vi.spyOn(world.broker, "publishSignal");
  const chosen = await call(member, "PATCH", `/rooms/${room}/me`, { level: "mentions" });
  expect(chosen).toMatchObject({ status: 200, body: { level: "mentions", starred: false } });
  await call(member, "PATCH", `/rooms/${room}/me`, { starred: true });
  expect(told.mock.calls.map(([to, frame]) => [to, JSON.parse(frame)])).toEqual([
    [member.user.id, { type: "personal", kind: "room", room, level: "mentions", starred: false }],
    [member.user.id, { type: "personal", kind: "room", room, level: "mentions", starred: true }],
  ]);
  told.mockRestore();
  expect(await ofRoom(member, room)).toMatchObject({ level: "mentions", starred: true });
  expect(await ofRoom(owner, room)).toMatchObject({ level: "all", starred: false });
  expect((await call(member, "PATCH", `/rooms/${room}/me`, { level: "loud" })).status).toBe(400);
});

test("since gives what is newer, and how many rooms there are", async () => {
  const person = await api.guest();
  const rooms = [await api.room(person), await api.room(person)];
  const first = await state(person);
  expect(first).toMatchObject({ joined: 2, at: expect.any(Number) });
  expect(first.rooms.map(({ room }) => room)).toEqual(rooms.map(({ id }) => id).toSorted());
  expect((await state(person, `?since=${first.at + 60_000}`)).rooms).toEqual([]);
  expect((await state(person, `?since=${first.at}`)).joined).toBe(2);
  expect((await call(person, "GET", "/me/state?since=x")).status).toBe(400);
});

test("a status is seen by those who share a room, with when the person was last seen unless that is hidden", async () => {
  await openRoom();
  const stranger = await api.guest();
  const until = Date.now() + 60_000;
  const set = await call(member, "PATCH", "/me/status", {
    away: true,
    status: { emoji: "🌴", text: " holiday ", until },
  });
  expect(set.body).toEqual({ away: true, status: { emoji: "🌴", text: "holiday", until } });
  const ask = async (who: Person) =>
    (await call<{ people: Shown[] }>(who, "POST", "/presence", { users: [member.user.id, stranger.user.id] })).body
      .people;
  const [seen] = await ask(owner);
  expect(seen).toMatchObject({ user: member.user.id, online: false, away: true, status: { text: "holiday" } });
  expect((seen?.lastSeen ?? 1) % 600_000).toBe(0);
  expect((await ask(stranger)).map(({ user }) => user)).toEqual([stranger.user.id]);
  await call(member, "PATCH", "/me/status", { lastSeen: false, status: null });
  expect(await ask(owner)).toEqual([{ user: member.user.id, online: false, away: true }]);
  const many = Array.from({ length: 201 }, () => newId<UserId>());
  expect((await call(owner, "POST", "/presence", { users: many })).status).toBe(400);
});

test("a user who is online and did nothing for eleven minutes is away, until the next activity", async () => {
  await openRoom();
  const { presence } = world.broker;
  const now = Date.now();
  const ask = async () =>
    (await call<{ people: Shown[] }>(owner, "POST", "/presence", { users: [member.user.id] })).body.people[0];
  await call(member, "PATCH", "/me/status", { away: false });
  await presence.set("g", [member.user.id], true);
  expect(await ask()).toMatchObject({ online: true, away: false });
  for (const [idleMs, away] of [
    [600_000, false],
    [661_000, true],
    [0, false],
  ] as const) {
    await presence.active("g", [{ user: member.user.id, at: now - idleMs }]);
    expect(await ask()).toMatchObject({ online: true, away });
  }
  await presence.set("g", [member.user.id], false);
});

test("250 users that come back together cost few statements", async () => {
  const asked: number[] = [];
  const { states } = world.store.unread;
  const spy = vi.spyOn(world.store.unread, "states").mockImplementation((queries, limit) => {
    asked.push(queries.length);
    return new Promise((resolve) => setTimeout(() => resolve(states(queries, limit)), 200));
  });
  const people = await Promise.all(Array.from({ length: 250 }, () => api.guest()));
  const answers = await Promise.all(
    people.map(async (person, at) => {
      await new Promise((resolve) => setTimeout(resolve, at));
      return await call<StatePage>(person, "GET", "/me/state");
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(asked.reduce((sum, one) => sum + one, 0)).toBe(250);
  expect(Math.max(...asked)).toBeLessThanOrEqual(125);
  expect(asked.length).toBeLessThanOrEqual(8);
  spy.mockRestore();
});

test("the later draft of a room wins, is told to the user's connections, and is in the state until it is removed", async () => {
  const room = await openRoom();
  const told = vi.spyOn(world.broker, "publishSignal");
  const put = (text: string, at: number) => call(member, "PUT", `/me/drafts/${room}`, { text, at });
  expect(await put("later", 2_000)).toMatchObject({ status: 200, body: { text: "later", at: 2_000 } });
  expect(await put("earlier", 1_000)).toMatchObject({ status: 200, body: { text: "later", at: 2_000 } });
  expect(told.mock.calls.map(([to, frame]) => [to, JSON.parse(frame)])).toEqual([
    [member.user.id, { type: "personal", kind: "draft", room, text: "later", at: 2_000 }],
  ]);
  expect((await state(member)).drafts).toEqual([{ room, text: "later", at: 2_000 }]);
  expect((await state(owner)).drafts).toEqual([]);
  expect((await call(member, "DELETE", `/me/drafts/${room}?at=1999`)).status).toBe(204);
  expect((await state(member)).drafts).toHaveLength(1);
  expect((await call(member, "DELETE", `/me/drafts/${room}?at=3000`)).status).toBe(204);
  expect((await state(member)).drafts).toEqual([]);
  await put("typed before it was sent", 2_500);
  expect((await state(member)).drafts).toEqual([]);
  const { body } = await call<{ at: number }>(member, "PUT", `/me/drafts/${room}`, { text: "x", at: 9e14 });
  expect(Math.abs(body.at - Date.now())).toBeLessThan(60_000);
  const stranger = await api.guest();
  expect((await call(stranger, "PUT", `/me/drafts/${room}`, { text: "x", at: 1 })).status).toBe(403);
  expect((await call(member, "PUT", `/me/drafts/${room}`, { text: "x".repeat(8_193), at: 1 })).status).toBe(413);
  await call(member, "POST", `/rooms/${room}/leave`);
  expect((await state(member)).drafts).toEqual([]);
});

test("the room of announcements, which has no row before the first one, is no room for drafts and levels then", async () => {
  const path = `drafts/${ANNOUNCEMENTS_ROOM}`;
  const refused = { status: 404, body: { code: "unknown_room" } };
  expect(await call(member, "PUT", `/me/${path}`, { text: "x", at: 1 })).toMatchObject(refused);
  expect(await call(member, "DELETE", `/me/${path}?at=1`)).toMatchObject(refused);
  const level = await call(member, "PATCH", `/rooms/${ANNOUNCEMENTS_ROOM}/me`, { level: "nothing" });
  expect(level).toMatchObject(refused);
});

test("a user has at most 50 drafts of 64 KiB together: the oldest go", async () => {
  const own = await api.guest();
  const rooms: RoomId[] = [];
  for (let at = 0; at < 52; at += 1) {
    const { id } = await world.store.rooms.create({
      ...{ name: `drafts ${at} ${own.user.id}`, topic: "", visibility: "private", createdBy: own.user.id },
    });
    rooms.push(id);
    await world.store.unread.setDraft(own.user.id, id, { text: `text ${at}`, at: 1_000 + at });
  }
  const kept = async () => ((await state(own)).drafts ?? []).map(({ at }) => at).sort((a, b) => a - b);
  expect(await kept()).toEqual(Array.from({ length: 50 }, (_none, at) => 1_002 + at));
  for (const [at, room] of rooms.slice(0, 9).entries())
    await world.store.unread.setDraft(own.user.id, room, { text: "x".repeat(8_000), at: 2_000 + at });
  expect(await kept()).toEqual(Array.from({ length: 8 }, (_none, at) => 2_001 + at));
});

test("the first page has what the user says of themselves, and the open reports of rooms that the user moderates", async () => {
  const own = await api.guest();
  expect(await state(own)).toMatchObject({ status: { away: false }, reports: [] });
  const [quiet, loud] = [await api.room(own), await api.room(own)];
  for (const room of [quiet, loud]) await call(member, "POST", `/rooms/${room.id}/join`);
  const report = async (who: Person, seq: number) =>
    (await call<{ id: string }>(who, "POST", `/rooms/${loud.id}/messages/${seq}/reports`, { reason: "spam" })).body.id;
  const seqs = [await post(member, loud.id, "rude"), await post(own, loud.id, "of the moderator")];
  await world.commit();
  const first = await report(own, seqs[0] ?? 0);
  await report(member, seqs[1] ?? 0);
  const until = Date.now() + 60_000;
  await call(own, "PATCH", "/me/status", { away: true, status: { emoji: "🌴", until } });
  expect(await state(own, `?since=${until}`)).toMatchObject({
    status: { away: true, status: { emoji: "🌴", until } },
    reports: [{ room: loud.id, open: 1 }],
  });
  expect((await state(member)).reports).toEqual([]);
  await call(own, "PATCH", `/rooms/${loud.id}/reports/${first}`, { state: "dismissed" });
  await call(own, "PATCH", "/me/status", { status: { text: "gone", until: Date.now() - 1 } });
  expect(await state(own)).toMatchObject({ status: { away: true }, reports: [] });
  expect((await state(own)).status).not.toHaveProperty("status");
});

test("the state lists open invitations and direct rooms that others have begun", async () => {
  const invited = await api.guest();
  const { id: room } = await api.room(owner, "private");
  await call(owner, "POST", `/rooms/${room}/invites`, { username: invited.user.username });
  const [invitation] = (await state(invited)).invitations ?? [];
  expect(invitation).toMatchObject({ room, by: owner.user, at: expect.any(Number) });
  const since = (await state(invited)).at;
  const direct = await call<{ id: RoomId }>(owner, "POST", "/direct", { users: [invited.user.username] });
  await post(owner, direct.body.id, "hello");
  await world.commit();
  const later = await state(invited, `?since=${since}`);
  expect(later.rooms).toMatchObject([
    { room: direct.body.id, visibility: "direct", name: owner.user.username, unread: 1 },
  ]);
  expect(later.invitations).toHaveLength(1);
});
