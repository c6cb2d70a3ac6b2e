import type { Problem, Tokens } from "@hubbub/protocol";
import type { AdminAuditEntry, AdminUserInfo } from "@hubbub/protocol/http-admin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

const PASSWORD = "correct horse";
const OPERATOR = { by: "operator" } as const;
const HOUR_S = 3_600;
let world: World;
let api: TestApi;
let admin: Person;
let support: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ACCOUNT_CHANGES_PER_MINUTE_PER_USER: "1000", SIGNUPS_PER_HOUR_PER_ADDRESS: "1000" });
  [admin, support] = [await api.signup(), await api.signup()];
  await world.store.admin.setRole(admin.user.id, "admin", OPERATOR);
  await world.store.admin.setRole(support.user.id, "support", OPERATOR);
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

const suspend = (by: Person, of: Person, body: object = { reason: "spam" }) =>
  api.call<Problem>("POST", `/admin/users/${of.user.id}/suspension`, { token: by.token, body });
const unsuspend = (by: Person, of: Person) =>
  api.call<Problem>("DELETE", `/admin/users/${of.user.id}/suspension`, { token: by.token });
const login = (person: Person) =>
  api.call<Tokens & Problem>("POST", "/auth/login", { body: { username: person.user.username, password: PASSWORD } });
const list = (by: Person, query: string) =>
  api.call<{ users: AdminUserInfo[]; cursor?: string }>("GET", `/admin/users?${query}`, { token: by.token });
const me = async (token: string) => (await api.call<Problem>("GET", "/me", { token })).body;

test("a suspension ends all sessions at once, tells gateways, and refuses a login until its end", async () => {
  const mallory = await api.signup();
  const session = await api.session(mallory.token);
  expect((await suspend(support, mallory, { reason: "spam", seconds: HOUR_S })).status).toBe(204);
  expect(world.controls).toContainEqual({ type: "session-revoked", session });
  expect(await me(mallory.token)).toMatchObject({ code: "session_revoked" });
  const refreshed = await api.call("POST", "/auth/refresh", { body: { refreshToken: mallory.refreshToken } });
  expect(refreshed.status).toBe(401);
  const refused = await login(mallory);
  expect(refused).toMatchObject({ status: 403, body: { code: "account_suspended" } });
  expect(refused.body.detail).toMatch(/^this account is suspended until 20\d\d-.*Z: spam$/);
  expect(refused.body.retryAfterMs).toBeGreaterThan((HOUR_S - 60) * 1_000);
  expect((await unsuspend(support, mallory)).status).toBe(204);
  expect((await login(mallory)).status).toBe(200);
});

test("a suspension without an end has no time, and one whose end has passed refuses nobody", async () => {
  const eve = await api.signup();
  await suspend(support, eve);
  const { body } = await login(eve);
  expect(body).toMatchObject({ code: "account_suspended", detail: "this account is suspended: spam" });
  expect(body.retryAfterMs).toBeUndefined();
  await world.store.admin.suspend(eve.user.id, { reason: "spam", until: new Date(Date.now() - 1) }, OPERATOR);
  expect((await login(eve)).status).toBe(200);
  expect((await list(support, `suspended=true&search=${eve.user.username}`)).body.users).toEqual([]);
});

test("personal access tokens of a suspended user stop, and go on when the suspension ends", async () => {
  const bot = await api.signup();
  const wanted = { name: "bot", scopes: ["read"], days: 1 };
  const { token } = (await api.call<{ token: string }>("POST", "/me/tokens", { token: bot.token, body: wanted })).body;
  expect(await me(token)).toMatchObject({ user: { id: bot.user.id } });
  await suspend(admin, bot);
  expect(await me(token)).toMatchObject({ code: "account_suspended" });
  const traded = await api.call("POST", "/auth/token", { token });
  expect(traded).toMatchObject({ status: 403, body: { code: "account_suspended" } });
  await unsuspend(admin, bot);
  expect(await me(token)).toMatchObject({ user: { id: bot.user.id } });
});

test("only a server role opens the administration, from the moment it is granted to the moment it is taken away", async () => {
  const [ann, bob] = [await api.signup(), await api.signup()];
  const forbidden = { status: 403, body: { code: "forbidden" } };
  expect(await list(ann, "")).toMatchObject(forbidden);
  expect(await suspend(ann, bob)).toMatchObject(forbidden);
  expect(await unsuspend(ann, bob)).toMatchObject(forbidden);
  await world.store.admin.setRole(ann.user.id, "support", OPERATOR);
  expect((await suspend(ann, bob)).status).toBe(204);
  await world.store.admin.setRole(ann.user.id, null, OPERATOR);
  expect(await unsuspend(ann, bob)).toMatchObject(forbidden);
});

test("support does not act on people with a server role, and nobody suspends themselves", async () => {
  const forbidden = { status: 403, body: { code: "forbidden" } };
  for (const target of [admin]) expect(await suspend(support, target)).toMatchObject(forbidden);
  expect(await suspend(support, support)).toMatchObject({ status: 400, body: { code: "bad_request" } });
  expect((await suspend(admin, support)).status).toBe(204);
  expect(await unsuspend(admin, support)).toMatchObject({ status: 204 });
  support = { ...support, token: (await login(support)).body.accessToken };
  const nobody = { ...support, user: { ...support.user, id: "00000000-0000-4000-8000-000000000000" as never } };
  expect(await suspend(admin, nobody)).toMatchObject({ status: 404, body: { code: "unknown_user" } });
});

test("an admin gives roles and takes them away, and support does not", async () => {
  const ann = await api.signup();
  const set = (by: Person, of: Person, role: string | null) =>
    api.call<Problem>("PUT", `/admin/users/${of.user.id}/role`, { token: by.token, body: { role } });
  expect(await set(support, ann, "admin")).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await set(admin, ann, "support")).status).toBe(204);
  expect((await list(ann, "")).status).toBe(200);
  expect((await set(admin, ann, null)).status).toBe(204);
  expect((await list(ann, "")).status).toBe(403);
  expect(await set(admin, admin, null)).toMatchObject({ status: 400, body: { code: "bad_request" } });
  expect(await set(admin, await api.guest(), "support")).toMatchObject({ status: 403, body: { code: "forbidden" } });
});

test("a personal access token needs the scope admin", async () => {
  const tokenFor = async (scopes: string[]) => {
    const body = { name: "tool", scopes, days: 1 };
    return (await api.call<{ token: string }>("POST", "/me/tokens", { token: admin.token, body })).body.token;
  };
  const [with_, without] = [await tokenFor(["admin"]), await tokenFor(["read", "write", "manage-rooms"])];
  expect((await list({ ...admin, token: with_ }, "")).status).toBe(200);
  expect(await list({ ...admin, token: without }, "")).toMatchObject({ body: { code: "insufficient_scope" } });
});

test("the audit names who suspended whom and from where; the address is for admins", async () => {
  const mallory = await api.signup();
  await suspend(support, mallory, { reason: "the audit" });
  await unsuspend(admin, mallory);
  const audit = (by: Person, query = `subject=${mallory.user.id}`) =>
    api.call<{ entries: AdminAuditEntry[] } & Problem>("GET", `/admin/audit?${query}`, { token: by.token });
  const { entries } = (await audit(admin)).body;
  const subject = mallory.user.id;
  const [ended, begun] = [
    { act: "account_unsuspend", actor: admin.user.id, subject, address: "192.0.2.1" },
    { act: "account_suspend", actor: support.user.id, subject, note: "the audit" },
  ];
  for (const entry of [ended, begun]) expect(entries).toContainEqual(expect.objectContaining(entry));
  const seen = (await audit(support)).body.entries;
  expect(seen.map(({ act }) => act).sort()).toEqual(["account_suspend", "account_unsuspend", "login"]);
  expect(JSON.stringify(seen)).not.toContain("192.0.2.1");
  expect(await audit(mallory)).toMatchObject({ status: 401 });
  expect(await audit(await api.signup())).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await audit(admin, "act=server_role_set&actor=operator")).body.entries.length).toBeGreaterThan(1);
  expect(await audit(admin, "room=nowhere")).toMatchObject({ status: 400 });
});

test("the list of users is read in pages, by a part of the name, and by suspension", async () => {
  const people = [await api.signup(), await api.signup()];
  for (const person of people) await suspend(admin, person, { reason: "the list" });
  const found = (await list(support, "suspended=true")).body.users.filter(
    ({ suspension }) => suspension?.reason === "the list",
  );
  expect(found.map(({ user }) => user)).toEqual(people.map(({ user }) => user));
  const [one] = (await list(support, `search=${admin.user.username.toUpperCase()}`)).body.users;
  expect(one).toEqual({ user: admin.user, guest: false, createdAt: expect.any(Number), role: "admin" });
  const page = await world.store.admin.users({ limit: 1 });
  const rest = await world.store.admin.users({ limit: 100, cursor: page.cursor });
  expect([...page.users, ...rest.users].map(({ user }) => user.id)).toContain(people[1]?.user.id);
  expect(rest.users.map(({ user }) => user.id)).not.toContain(page.users[0]?.user.id);
});
