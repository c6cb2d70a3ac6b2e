import type { SessionId, SessionInfo, Tokens } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorld, TestApi, toPerson, type World } from "../test/test-api.ts";

const PASSWORD = "correct horse";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const login = async (username: string, password = PASSWORD, agent = "test") =>
  api.call<Tokens>("POST", "/auth/login", { body: { username, password }, headers: { "user-agent": agent } });
const me = (token: string) => api.call("GET", "/me", { token });
const list = async (token: string) =>
  (await api.call<{ sessions: SessionInfo[] }>("GET", "/me/sessions", { token })).body.sessions;
const revoked = { status: 401, body: { code: "session_revoked" } };

test("a changed password ends all other sessions, and the old one logs in no more", async () => {
  const here = await api.signup();
  const there = toPerson((await login(here.user.username)).body);
  const change = (currentPassword: string, newPassword: string) =>
    api.call("PUT", "/me/password", { token: here.token, body: { currentPassword, newPassword } });
  expect(await change("wrong password", "another horse")).toMatchObject({
    status: 401,
    body: { code: "bad_credentials" },
  });
  expect(await change(PASSWORD, "password")).toMatchObject({ status: 400, body: { code: "weak_password" } });
  expect(await change(PASSWORD, here.user.username)).toMatchObject({ status: 400, body: { code: "weak_password" } });
  expect(await me(there.token)).toMatchObject({ status: 200 });
  expect(await change(PASSWORD, "another horse")).toMatchObject({ status: 204 });
  expect(await me(here.token)).toMatchObject({ status: 200 });
  expect(await me(there.token)).toMatchObject(revoked);
  expect(await login(here.user.username)).toMatchObject({ status: 401 });
  expect(await login(here.user.username, "another horse")).toMatchObject({ status: 200 });
});

test("a login with the old password that the change overtakes gets no session", async () => {
  const here = await api.signup();
  const { users } = world.store;
  const find = users.findByUsername;
  const overtaken = vi.spyOn(users, "findByUsername").mockImplementationOnce(async (name) => {
    const found = await find(name);
    const body = { currentPassword: PASSWORD, newPassword: "another horse" };
    expect(await api.call("PUT", "/me/password", { token: here.token, body })).toMatchObject({ status: 204 });
    return found;
  });
  const late = await login(here.user.username);
  overtaken.mockRestore();
  expect(late).toMatchObject({ status: 401, body: { code: "bad_credentials" } });
  expect(await list(here.token)).toHaveLength(1);
});

test("a guest has no password to change", async () => {
  const { token } = await api.guest();
  const body = { currentPassword: PASSWORD, newPassword: "another horse" };
  expect(await api.call("PUT", "/me/password", { token, body })).toMatchObject({
    status: 403,
    body: { code: "forbidden" },
  });
});

test("G8 guesses at the current password are limited like logins", async () => {
  const strict = new TestApi(world, { LOGINS_PER_MINUTE_PER_ACCOUNT: "2" });
  const { token } = await strict.signup();
  const body = { currentPassword: "wrong password", newPassword: "another horse" };
  const guess = async () => (await strict.call("PUT", "/me/password", { token, body })).status;
  expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
});

test("a user lists and ends own sessions, and no other user's", async () => {
  const here = await api.signup();
  const there = toPerson((await login(here.user.username, PASSWORD, "another browser")).body);
  const sessions = await list(here.token);
  expect(sessions.map(({ current, agent }) => ({ current, agent }))).toEqual([
    { current: false, agent: "another browser" },
    { current: true, agent: undefined },
  ]);
  expect(sessions[0]).toMatchObject({
    address: "192.0.2.1",
    createdAt: expect.any(Number),
    usedAt: expect.any(Number),
  });
  const stranger = await api.guest();
  const end = (token: string, session: SessionId | undefined) =>
    api.call("DELETE", `/me/sessions/${session}`, { token });
  const unknown = { status: 404, body: { code: "unknown_session" } };
  expect(await end(stranger.token, sessions[0]?.id)).toMatchObject(unknown);
  expect(await end(here.token, sessions[0]?.id)).toMatchObject({ status: 204 });
  expect(await end(here.token, sessions[0]?.id)).toMatchObject(unknown);
  expect(world.controls.at(-1)).toEqual({ type: "session-revoked", session: sessions[0]?.id });
  expect(await me(there.token)).toMatchObject(revoked);
  expect(await list(here.token)).toHaveLength(1);
});

test("a logout everywhere ends all sessions, this one too", async () => {
  const here = await api.signup();
  const there = toPerson((await login(here.user.username)).body);
  expect(await api.call("DELETE", "/me/sessions", { token: here.token })).toMatchObject({ status: 204 });
  for (const { token } of [here, there]) expect(await me(token)).toMatchObject(revoked);
});

test("G8 a login beyond SESSIONS_PER_USER ends the session that was used longest ago", async () => {
  const strict = new TestApi(world, { SESSIONS_PER_USER: "2" });
  const first = await strict.signup();
  const body = { username: first.user.username, password: PASSWORD };
  for (let times = 0; times < 2; times += 1) await strict.call("POST", "/auth/login", { body });
  expect(await me(first.token)).toMatchObject(revoked);
});

test("G8 changes of the own account are limited by user", async () => {
  const strict = new TestApi(world, { ACCOUNT_CHANGES_PER_MINUTE_PER_USER: "1" });
  const { token } = await strict.guest();
  const ask = async () => (await strict.call("GET", "/me/sessions", { token })).status;
  expect([await ask(), await ask()]).toEqual([200, 429]);
});

test("the account tells its server role as long as it has one", async () => {
  const { user, token } = await api.signup();
  const role = async () => (await api.call<{ serverRole?: string }>("GET", "/me/account", { token })).body.serverRole;
  expect(await role()).toBeUndefined();
  await world.store.admin.setRole(user.id, "support", { by: "operator" });
  expect(await role()).toBe("support");
  await world.store.admin.setRole(user.id, null, { by: "operator" });
  expect(await role()).toBeUndefined();
});
