import {
  ANNOUNCEMENTS_ROOM,
  type HistoryPage,
  newId,
  type Room,
  type RoomId,
  type SearchPage,
  type StatePage,
} from "@hubbub/protocol";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { createIndexer } from "@hubbub/search";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let other: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "1000" });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  [owner, other] = await Promise.all([api.guest(), api.guest()]);
  world.controls.length = 0;
});

const at = <Body = Room>(method: string, path: string, who: Person, body?: object) =>
  api.call<Body>(method, path, { token: who.token, body });
const say = (room: RoomId, who: Person, rest: object = {}, id: string = newId()) =>
  at<{ seq: number; retryAfterMs?: number }>("POST", `/rooms/${room}/messages`, who, { id, text: "hello", ...rest });
const history = async (room: RoomId, who: Person, query = "") =>
  (await at<HistoryPage>("GET", `/rooms/${room}/messages${query}`, who)).body;
const refused = (status: number, code: string) => ({ status, body: { code } });
const change = (room: RoomId, body: object) => at("PATCH", `/rooms/${room}`, owner, body);

async function roomOfBoth(): Promise<RoomId> {
  const { id } = await api.room(owner);
  await at("POST", `/rooms/${id}/join`, other);
  return id;
}

test("name, topic and settings change together or alone; gateways and the room are told", async () => {
  const room = await roomOfBoth();
  const name = `new name of ${room}`;
  expect(await change(room, { name, settings: { slowModeSeconds: 5 } })).toMatchObject({
    status: 200,
    body: { name, topic: "", settings: { slowModeSeconds: 5 } },
  });
  expect(await change(room, { topic: "all of it" })).toMatchObject({
    body: { name, topic: "all of it", settings: { slowModeSeconds: 5 } },
  });
  expect((await change(room, { settings: {} })).body).not.toHaveProperty("settings");
  expect(world.controls).toContainEqual({ type: "room-changed", room });
  const { messages } = await history(room, other);
  expect(messages.filter(({ kind }) => kind === "room")).toMatchObject([
    { name, settings: { slowModeSeconds: 5 } },
    {},
    {},
  ]);
});

test("a room is not renamed to a name that is taken, nor to none", async () => {
  const [taken, room] = [await api.room(owner), await api.room(owner)];
  expect(await change(room.id, { name: taken.name })).toMatchObject(refused(409, "room_name_taken"));
  expect(await change(room.id, { name: " " })).toMatchObject(refused(400, "bad_request"));
  expect(await change(room.id, { settings: { permissions: { own: "guest" } } })).toMatchObject(
    refused(400, "bad_request"),
  );
});

test("slow mode lets a member send once in its time, the same message again, and moderators as they like", async () => {
  const room = await roomOfBoth();
  await change(room, { settings: { slowModeSeconds: 600 } });
  const id = newId();
  expect(await say(room, other, { files: [newId()] })).toMatchObject(refused(404, "unknown_file"));
  const { body } = await say(room, other, {}, id);
  expect(await say(room, other, {}, id)).toMatchObject({ status: 200, body: { seq: body.seq, duplicate: true } });
  const held = await say(room, other);
  expect(held).toMatchObject(refused(429, "slow_mode"));
  expect(held.body.retryAfterMs).toBeGreaterThan(590_000);
  for (let time = 0; time < 2; time += 1) expect((await say(room, owner)).status).toBe(201);
  await change(room, { settings: { slowModeSeconds: 600, permissions: { mute: "member" } } });
  expect(await say(room, other)).toMatchObject(refused(429, "slow_mode"));
});

test("a muted member reads and does not write, not even a reaction, until the mute ends", async () => {
  const room = await roomOfBoth();
  const { body } = await say(room, other);
  const mute = `/rooms/${room}/mutes/${other.user.id}`;
  expect((await at("PUT", mute, owner, { seconds: 1 })).status).toBe(204);
  expect(await say(room, other)).toMatchObject(refused(403, "muted"));
  const react = `/rooms/${room}/messages/${body.seq}/reactions/%F0%9F%91%8D?id=${newId()}`;
  expect(await at("PUT", react, other)).toMatchObject(refused(403, "muted"));
  expect((await history(room, other)).messages.at(-1)).toMatchObject({ kind: "member", user: other.user.id });
  await vi.waitFor(async () => expect((await say(room, other)).status).toBe(201), { timeout: 5_000, interval: 100 });
  await at("PUT", mute, owner, { seconds: 600 });
  await at("DELETE", mute, owner);
  expect((await say(room, other)).status).toBe(201);
});

test("nobody writes in an archived room, and it can be read and opened again", async () => {
  const room = await roomOfBoth();
  await say(room, other);
  expect(await at("PUT", `/rooms/${room}/archive`, owner)).toMatchObject({
    status: 200,
    body: { settings: { archived: true } },
  });
  expect(await change(room, { settings: {} })).toMatchObject({ body: { settings: { archived: true } } });
  for (const who of [owner, other]) expect(await say(room, who)).toMatchObject(refused(409, "room_archived"));
  expect((await history(room, other)).messages.some(({ kind }) => kind === "message")).toBe(true);
  expect((await at("DELETE", `/rooms/${room}/archive`, owner)).body).not.toHaveProperty("settings");
  expect((await say(room, other)).status).toBe(201);
});

test("a deleted room is gone for everybody, and its name is free", async () => {
  const { id, name } = await api.room(owner);
  await at("POST", `/rooms/${id}/join`, other);
  expect((await at("DELETE", `/rooms/${id}`, owner)).status).toBe(204);
  expect(world.controls).toContainEqual({ type: "room-closed", room: id });
  for (const who of [owner, other]) {
    expect(await at("GET", `/rooms/${id}`, who)).toMatchObject(refused(404, "unknown_room"));
    expect(await say(id, who)).toMatchObject(refused(404, "unknown_room"));
    expect((await at<StatePage>("GET", "/me/state", who)).body.rooms).toEqual([]);
  }
  expect((await at("POST", "/rooms", other, { name, visibility: "public" })).status).toBe(201);
});

test("an admin makes moderators and no admins, steps down, and does not act on another admin", async () => {
  const [room, third] = [await roomOfBoth(), await api.guest()];
  await at("POST", `/rooms/${room}/join`, third);
  const set = (who: Person, whom: Person, role: string) =>
    at("PUT", `/rooms/${room}/members/${whom.user.id}`, who, { role });
  expect((await set(owner, other, "admin")).status).toBe(204);
  expect((await set(other, third, "moderator")).status).toBe(204);
  expect(await set(other, third, "admin")).toMatchObject(refused(403, "forbidden"));
  await set(owner, third, "admin");
  expect(await set(other, third, "guest")).toMatchObject(refused(403, "forbidden"));
  expect(await at("PUT", `/rooms/${room}/mutes/${owner.user.id}`, other, { seconds: 5 })).toMatchObject(
    refused(403, "forbidden"),
  );
  expect((await set(other, other, "member")).status).toBe(204);
  expect(await set(other, other, "admin")).toMatchObject(refused(403, "forbidden"));
});

/** A room that hides its history: what was said before `other` joined is at seqs up to `hidden`. */
async function hiddenRoom() {
  const { id: room } = await api.room(owner);
  await change(room, { settings: { history: "joined" } });
  const before = (await say(room, owner, { text: "sesame before" })).body.seq;
  await at("PUT", `/rooms/${room}/messages/${before}/pin?id=${newId()}`, owner);
  const reply = (await say(room, owner, { text: "sesame in the thread", thread: before })).body.seq;
  await world.commit();
  await at("POST", `/rooms/${room}/join`, other);
  const after = (await say(room, owner, { text: "sesame after" })).body.seq;
  const late = (await say(room, owner, { text: "late reply", thread: before })).body.seq;
  await world.commit();
  return { room, before, reply, after, late };
}

test("a room that hides its history shows a newcomer nothing from before, on no way", async () => {
  const { room, before, reply, after } = await hiddenRoom();
  const [state] = (await at<StatePage>("GET", "/me/state", other)).body.rooms;
  expect(state).toMatchObject({ room, unread: 1 });
  for (const query of ["", "?after=0", `?before=${after + 1}`, "?limit=2"]) {
    const { messages } = await history(room, other, query);
    expect(messages.filter(({ seq }) => seq <= reply)).toEqual([]);
  }
  expect((await history(room, other)).messages.map(({ seq }) => seq)).toContain(after);
  expect((await history(room, owner)).messages.map(({ seq }) => seq)).toContain(before);
  const unknown = refused(404, "unknown_message");
  expect(await at("GET", `/rooms/${room}/messages/${before}`, other)).toMatchObject(unknown);
  expect(await at("GET", `/rooms/${room}/messages/${before}/revisions`, other)).toMatchObject(unknown);
  const react = `/rooms/${room}/messages/${before}/reactions/%F0%9F%91%8D?id=${newId()}`;
  expect(await at("PUT", react, other)).toMatchObject(unknown);
  expect((await at<HistoryPage>("GET", `/rooms/${room}/pins`, other)).body.messages).toEqual([]);
  expect((await at<HistoryPage>("GET", `/rooms/${room}/pins`, owner)).body.messages).toHaveLength(1);
  const found = async (who: Person) =>
    (await at<SearchPage>("GET", `/search?q=sesame+in:${room}`, who)).body.results.map(({ seq }) => seq);
  const log = createLogger({ level: "silent", node: "test" });
  const indexer = createIndexer({ index: world.store.searchIndex, owner: "test", metrics: createMetrics(), log });
  onTestFinished(() => indexer.stop());
  await expect.poll(() => found(owner), { timeout: 15_000 }).toEqual([after, reply, before]);
  expect(await found(other)).toEqual([after]);
});

test("a newcomer sees of an older thread only the later replies", async () => {
  const { room, before, reply, late } = await hiddenRoom();
  const thread = async (who: Person) =>
    (await at<HistoryPage>("GET", `/rooms/${room}/threads/${before}`, who)).body.messages.map(({ seq }) => seq);
  expect(await thread(other)).toEqual([late]);
  expect(await thread(owner)).toEqual([reply, late]);
});

test("a newcomer does not get files from before, and gets those from after", async () => {
  const { id: room } = await api.room(owner);
  await change(room, { settings: { history: "joined" } });
  const upload = async (name: string) => {
    const headers = { authorization: `Bearer ${owner.token}` };
    const path = `/api/v1/rooms/${room}/files?id=${newId()}&name=${name}`;
    const response = await api.fetch(path, { method: "PUT", body: name, headers });
    const { id } = (await response.json()) as { id: string };
    await say(room, owner, { files: [id] });
    return id;
  };
  const before = await upload("before.txt");
  await at("POST", `/rooms/${room}/join`, other);
  const after = await upload("after.txt");
  const statusOf = async (file: string, who: Person) => {
    const headers = { authorization: `Bearer ${who.token}` };
    const response = await api.fetch(`/api/v1/rooms/${room}/files/${file}`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  expect([await statusOf(before, other), await statusOf(after, other)]).toEqual([404, 200]);
  expect([await statusOf(before, owner), await statusOf(after, owner)]).toEqual([200, 200]);
});

test("nobody joins the room of announcements: the join would be told to everybody", async () => {
  await world.store.rooms.announce(owner.user.id, { by: "operator" });
  const room = `/rooms/${ANNOUNCEMENTS_ROOM}`;
  expect(await at("POST", `${room}/join`, other)).toMatchObject(refused(403, "forbidden"));
  expect((await at("POST", `/me/invitations/${ANNOUNCEMENTS_ROOM}/accept`, other)).status).toBe(200);
  expect((await history(ANNOUNCEMENTS_ROOM, other)).messages).toEqual([]);
});

test("who announced is listed for server roles alone", async () => {
  await world.store.rooms.announce(owner.user.id, { by: "operator" });
  const path = `/rooms/${ANNOUNCEMENTS_ROOM}/members`;
  for (const who of [other, owner]) expect(await at("GET", path, who)).toMatchObject(refused(403, "forbidden"));
  const support = await api.signup();
  await world.store.admin.setRole(support.user.id, "support", { by: "operator" });
  const { members } = (await at<{ members: { user: object }[] }>("GET", path, support)).body;
  expect(members.map(({ user }) => user)).toContainEqual(owner.user);
});

test("the author of an announcement deletes it, and edits it as little as others do", async () => {
  const author = await api.signup();
  await world.store.admin.setRole(author.user.id, "admin", { by: "operator" });
  const said = await at<{ seq: number }>("POST", "/admin/announcements", author, { id: newId(), text: "at noon" });
  const path = `/rooms/${ANNOUNCEMENTS_ROOM}/messages/${said.body.seq}`;
  for (const who of [author, other])
    expect(await at("PATCH", path, who, { id: newId(), text: "x" })).toMatchObject(refused(403, "forbidden"));
  expect(await at("DELETE", `${path}?id=${newId()}`, other)).toMatchObject(refused(403, "forbidden"));
  expect((await at("DELETE", `${path}?id=${newId()}`, author)).status).toBeLessThan(300);
});
