import { randomUUID } from "node:crypto";
import type { AccountInfo, SessionInfo, Tokens } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, toPerson, type World } from "../../test/test-api.ts";
import { Cleanup } from "../cleanup.ts";

const PASSWORD = "correct horse";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const upgrade = (token: string, body: object, of = api) =>
  of.call<{ user: Tokens["user"] }>("POST", "/me/account", { token, body });
const login = (username: string, password = PASSWORD) =>
  api.call<Tokens>("POST", "/auth/login", { body: { username, password } });

test("a guest becomes an account with the same id, session, rooms and messages", async () => {
  const guest = await api.guest();
  const room = await api.room(guest);
  const message = { id: randomUUID(), text: "as a guest" };
  await api.call("POST", `/rooms/${room.id}/messages`, { token: guest.token, body: message });
  const session = await api.session(guest.token);
  const controls = world.controls.length;
  const answer = await upgrade(guest.token, { username: "ada-lovelace", password: PASSWORD });
  expect(answer).toMatchObject({ status: 200, body: { user: { id: guest.user.id, username: "ada-lovelace" } } });
  expect(world.controls.length).toBe(controls);
  expect(await api.session(guest.token)).toBe(session);
  const { body } = await api.call<Tokens>("POST", "/auth/refresh", { body: { refreshToken: guest.refreshToken } });
  expect(body.user).toEqual(answer.body.user);
  expect(await api.session(body.accessToken)).toBe(session);
  expect((await login("ada-lovelace")).body.user).toEqual(answer.body.user);
  const history = await api.call<{ messages: { kind: string; text?: string }[] }>("GET", `/rooms/${room.id}/messages`, {
    token: body.accessToken,
  });
  expect(history.body.messages).toContainEqual(expect.objectContaining({ text: "as a guest" }));
  const own = await api.call<AccountInfo>("GET", "/me/account", { token: body.accessToken });
  expect(own.body).toEqual({ ...answer.body.user, isGuest: false, createdAt: expect.any(Number) });
});

test("a repeated upgrade answers the same, and another one is refused", async () => {
  const { token } = await api.guest();
  const body = { username: "repeated", password: PASSWORD };
  const first = await upgrade(token, body);
  expect(await upgrade(token, body)).toMatchObject({ status: 200, body: first.body });
  expect(await upgrade(token, { ...body, password: "another horse" })).toMatchObject({
    status: 401,
    body: { code: "bad_credentials" },
  });
  expect(await upgrade(token, { ...body, username: "somebody-else" })).toMatchObject({
    status: 409,
    body: { code: "already_account" },
  });
});

test("of racing upgrades one wins: of one guest, and for one name", async () => {
  const { token } = await api.guest();
  const names = ["racer-one", "racer-two", "racer-three"];
  const racing = await Promise.all(names.map((username) => upgrade(token, { username, password: PASSWORD })));
  expect(racing.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const guests = [await api.guest(), await api.guest()];
  const same = await Promise.all(
    guests.map((guest) => upgrade(guest.token, { username: "wanted", password: PASSWORD })),
  );
  expect(same.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test.each([
  [{ username: "adm1n", password: PASSWORD }, 409, "username_reserved"],
  [{ username: "guest-zoe", password: PASSWORD }, 409, "username_reserved"],
  [{ username: "zoe", password: "password" }, 400, "weak_password"],
])("an upgrade is held to the rules of a sign-up: %o", async (body, status, code) => {
  const { token } = await api.guest();
  expect(await upgrade(token, body)).toMatchObject({ status, body: { code } });
});

test("the id that created a guest opens no session of the account", async () => {
  const body = { id: randomUUID() };
  const { body: guest } = await api.call<Tokens>("POST", "/auth/guest", { body });
  await upgrade(guest.accessToken, { username: "creation", password: PASSWORD });
  const again = await api.call<Tokens>("POST", "/auth/guest", { body });
  expect(again.status).toBe(201);
  expect(again.body.user.id).not.toBe(guest.user.id);
});

test("an upgraded guest is not cleaned up, and a guest that is gone cannot upgrade", async () => {
  const stays = await api.guest();
  const gone = await api.guest();
  await upgrade(stays.token, { username: "stays", password: PASSWORD });
  for (const { token } of [stays, gone]) await api.call("POST", "/auth/logout", { token });
  const cleanup = new Cleanup(world.store, createLogger({ level: "silent", node: "test" }), { AUDIT_DAYS: 365 });
  const later = new Date(Date.now() + 1_000);
  for (let isMore = true; isMore; ) isMore = await cleanup.sweep(later);
  await cleanup.close();
  expect(await world.store.users.find(stays.user.id)).toMatchObject({ username: "stays" });
  expect(await world.store.users.find(gone.user.id)).toBeNull();
  const session = await api.session((await login("stays")).body.accessToken);
  const late = { username: "late", passwordHash: "hash" };
  expect(await world.store.accounts.upgrade(gone.user.id, session, late)).toBe("ended");
});

test("G8 what guests leave behind is bounded, and gone when their sessions are", async () => {
  const strict = new TestApi(world, { SESSIONS_PER_USER: "2" });
  const before = await world.store.users.countGuests();
  const id = randomUUID();
  const tokens: string[] = [];
  for (let times = 0; times < 4; times += 1) {
    const { body } = await strict.call<Tokens>("POST", "/auth/guest", { body: { id } });
    tokens.push(body.accessToken);
  }
  expect(await world.store.users.countGuests()).toBe(before + 1);
  const token = tokens.at(-1) ?? "";
  const list = await strict.call<{ sessions: SessionInfo[] }>("GET", "/me/sessions", { token });
  expect(list.body.sessions).toHaveLength(2);
  expect(await strict.call("PATCH", "/me", { token, body: { about: "a guest" } })).toMatchObject({ status: 403 });
});

test("all other sessions end with others=true, and this one stays", async () => {
  const here = await api.signup();
  const there = toPerson((await login(here.user.username)).body);
  expect(await api.call("DELETE", "/me/sessions?others=true", { token: here.token })).toMatchObject({ status: 204 });
  expect((await api.call("GET", "/me", { token: here.token })).status).toBe(200);
  expect((await api.call("GET", "/me", { token: there.token })).body).toMatchObject({ code: "session_revoked" });
});
