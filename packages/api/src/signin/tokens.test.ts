import type { AccessTokenInfo, NewAccessToken, ScopedAccess, SocketTicket } from "@hubbub/protocol";
import { FRAME_SCOPES, ROUTE_SCOPES, scopeOfRoute } from "@hubbub/protocol";
import { openTicket } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ageSessions } from "../../test/signin.ts";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";
import { FAMILIES } from "../families.ts";

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const create = (person: Person, scopes: readonly string[], body: object = {}) =>
  api.call<NewAccessToken>("POST", "/me/tokens", { token: person.token, body: { name: "bot", scopes, ...body } });
const list = async (person: Person) =>
  (await api.call<{ tokens: AccessTokenInfo[] }>("GET", "/me/tokens", { token: person.token })).body.tokens;
const status = async (token: string, method: string, path: string, body?: object) =>
  (await api.call(method, path, { token, body })).status;

test("a token is shown once, is stored as a hash, and works as a bearer until it is revoked", async () => {
  const person = await api.signup();
  const made = await create(person, ["read"]);
  const shape = { name: "bot", scopes: ["read"], token: expect.stringMatching(/^hub_[\w-]{43}$/) };
  expect(made).toMatchObject({ status: 201, body: shape });
  const { token, id } = made.body;
  expect(await list(person)).toEqual([expect.not.objectContaining({ token: expect.anything() })]);
  expect(await api.call("GET", "/me", { token })).toMatchObject({ status: 200, body: { user: person.user } });
  expect((await list(person))[0]?.usedAt).toBeGreaterThan(0);
  const stranger = await api.signup();
  expect(await status(stranger.token, "DELETE", `/me/tokens/${id}`)).toBe(404);
  expect(await status(person.token, "DELETE", `/me/tokens/${id}`)).toBe(204);
  expect(await api.call("GET", "/me", { token })).toMatchObject({ status: 401, body: { code: "bad_token" } });
  expect(await list(person)).toEqual([]);
});

test("an exchanged token has the scopes as a claim, and ends when the personal one is revoked", async () => {
  const person = await api.signup();
  const { body: made } = await create(person, ["read", "write"]);
  const exchange = () => api.call<ScopedAccess>("POST", "/auth/token", { token: made.token });
  const access = await exchange();
  expect(access).toMatchObject({ status: 200, body: { user: person.user, scopes: ["read", "write"], expiresIn: 600 } });
  expect(await world.keys.verify(access.body.accessToken)).toMatchObject({ scope: "read write" });
  const session = await api.session(access.body.accessToken);
  expect(await api.session((await exchange()).body.accessToken)).toBe(session);
  expect(await status(access.body.accessToken, "POST", "/rooms", { name: "r", visibility: "private" })).toBe(403);
  await api.call("DELETE", `/me/tokens/${made.id}`, { token: person.token });
  expect(world.controls.at(-1)).toEqual({ type: "session-revoked", session });
  expect(await status(access.body.accessToken, "GET", "/me")).toBe(401);
  expect(await exchange()).toMatchObject({ status: 401, body: { code: "bad_token" } });
});

test("each scope opens its routes and no other", async () => {
  const person = await api.signup();
  const room = await api.room(person);
  const tokenOf = async (scope: string) => (await create(person, [scope])).body.token;
  const [read, write, manage] = [await tokenOf("read"), await tokenOf("write"), await tokenOf("manage-rooms")];
  const post = { id: "e1", text: "hello" };
  const calls = (token: string) =>
    Promise.all([
      status(token, "GET", `/rooms/${room.id}/messages`),
      status(token, "POST", `/rooms/${room.id}/messages`, post),
      status(token, "POST", "/rooms", { name: "made by a token", visibility: "private" }),
      status(token, "DELETE", `/rooms/${room.id}/members/${person.user.id}`),
    ]);
  expect(await calls(read)).toEqual([200, 403, 403, 403]);
  expect(await calls(write)).toEqual([403, 201, 403, 403]);
  expect(await calls(manage)).toEqual([403, 403, 201, 400]);
});

test("no token reaches the account: routes that the table does not name are refused", async () => {
  const person = await api.signup();
  const { token } = (await create(person, ["read", "write", "manage-rooms"])).body;
  const refused = { status: 403, body: { code: "insufficient_scope" } };
  expect(await api.call("POST", "/me/tokens", { token, body: { name: "x", scopes: ["read"] } })).toMatchObject(refused);
  expect(await api.call("GET", "/me/sessions", { token })).toMatchObject(refused);
  expect(await api.call("POST", "/auth/logout", { token, body: {} })).toMatchObject(refused);
  expect(await api.call("PUT", "/me/password", { token, body: {} })).toMatchObject(refused);
  const open = FAMILIES.flatMap(({ contract }) => Object.values(contract)).filter(
    ({ method, path }) => scopeOfRoute(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1")) !== undefined,
  );
  const isOpened = (path: string) => /^\/(rooms|invites|direct|ws-tickets|admin|me\/invitations|me\/drafts)/.test(path);
  expect(open.filter(({ method, path }) => method !== "get" && !isOpened(path))).toEqual([]);
  expect(open.flatMap(({ path }) => (isOpened(path) ? [] : [path]))).toEqual([
    "/me",
    "/users/{id}",
    "/users/{id}/avatar/{avatar}",
    "/me/blocks",
    "/me/threads",
    "/search",
    "/me/state",
    "/me/tasks",
  ]);
  expect(ROUTE_SCOPES.length).toBeGreaterThan(3);
  expect(FRAME_SCOPES.publish).toBe("write");
});

test("a token has no session among the logins, and outlives a new password", async () => {
  const person = await api.signup();
  const { token } = (await create(person, ["read"])).body;
  expect(await status(token, "GET", "/me")).toBe(200);
  const sessions = await api.call<{ sessions: unknown[] }>("GET", "/me/sessions", { token: person.token });
  expect(sessions.body.sessions).toHaveLength(1);
  const body = { currentPassword: "correct horse", newPassword: "another horse" };
  expect(await status(person.token, "PUT", "/me/password", body)).toBe(204);
  expect(await status(token, "GET", "/me")).toBe(200);
});

test("guests have no tokens, and a login that is not fresh proves itself first", async () => {
  const guest = await api.guest();
  expect(await create(guest, ["read"])).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const person = await api.signup();
  const aged = ageSessions(world);
  expect(await create(person, ["read"])).toMatchObject({ status: 403, body: { code: "proof_required" } });
  const wrong = await create(person, ["read"], { password: "wrong horse" });
  expect(wrong).toMatchObject({ status: 401, body: { code: "bad_credentials" } });
  expect((await create(person, ["read"], { password: "correct horse" })).status).toBe(201);
  aged.mockRestore();
});

test("G8 a user has at most TOKENS_PER_USER tokens, and each ends", async () => {
  const strict = new TestApi(world, { TOKENS_PER_USER: "1" });
  const person = await strict.signup();
  const make = (days: number) =>
    strict.call<NewAccessToken>("POST", "/me/tokens", {
      token: person.token,
      body: { name: "bot", scopes: ["read"], days },
    });
  expect((await make(367)).status).toBe(400);
  const made = await make(1);
  expect(made.body.expiresAt - made.body.createdAt).toBeLessThanOrEqual(86_500_000);
  expect(await make(1)).toMatchObject({ status: 409, body: { code: "limit_reached" } });
});

test("a ticket for the WebSocket has the scopes and the end of the token that asked for it, and a rate", async () => {
  const person = await api.signup();
  const { token } = (await create(person, ["read"], { days: 1 })).body;
  const claimsOf = async (by: string) => {
    const made = await api.call<SocketTicket>("POST", "/ws-tickets", { token: by });
    expect(made).toMatchObject({ status: 201, body: { expiresIn: 30 } });
    return openTicket(world.keys, made.body.ticket)?.claims;
  };
  const session = await api.session(person.token);
  const soon = Math.floor(Date.now() / 1_000) + 599;
  const free = await claimsOf(person.token);
  expect(free).toEqual({ sub: person.user.id, sid: session, name: person.user.username, exp: expect.any(Number) });
  expect((free as { exp: number }).exp - soon).toBeLessThanOrEqual(2);
  expect(await claimsOf(token)).toMatchObject({ sub: person.user.id, scope: "read" });
  const writer = (await create(person, ["write"])).body.token;
  expect(await status(writer, "POST", "/ws-tickets")).toBe(403);
  const others = Array.from({ length: 70 }, () => status(person.token, "POST", "/ws-tickets"));
  expect((await Promise.all(others)).filter((code) => code === 429).length).toBeGreaterThanOrEqual(10);
});
