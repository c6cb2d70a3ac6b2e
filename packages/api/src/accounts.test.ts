import type { Tokens } from "@hubbub/protocol";
import { hash } from "@node-rs/argon2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, toPerson, type World } from "../test/test-api.ts";

const PASSWORD = "correct horse";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const signup = (body: object) => api.call<Tokens>("POST", "/auth/signup", { body });
const login = (username: string, password: string, of = api) =>
  of.call<Tokens>("POST", "/auth/login", { body: { username, password } });
const guest = (body: object, of = api) => of.call<Tokens>("POST", "/auth/guest", { body });

test("a new account is logged in, and can log in again in any case of letters", async () => {
  const { status, body } = await signup({ username: "Ada", password: PASSWORD, email: "ada@example.org" });
  expect(status).toBe(201);
  expect(body).toEqual({
    user: { id: expect.any(String), username: "Ada" },
    accessToken: expect.any(String),
    refreshToken: expect.stringMatching(/^[\w-]{43}$/),
    expiresIn: 600,
  });
  const again = await login("ada", PASSWORD);
  expect(again).toMatchObject({ status: 200, body: { user: body.user } });
  const me = await api.call("GET", "/me", { token: again.body.accessToken });
  expect(me.body).toEqual({ user: body.user, sessionId: expect.any(String) });
});

test("the first account takes a username in any case of letters", async () => {
  const bodies = ["grace", "GRACE", "Grace"].map((username) => ({ username, password: PASSWORD }));
  const answers = await Promise.all(bodies.map(signup));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(await signup({ username: "gracE", password: PASSWORD })).toMatchObject({
    status: 409,
    body: { code: "username_taken" },
  });
});

test.each([
  ["a short password", { username: "bob", password: "short" }, "password: "],
  ["a password over 128 characters", { username: "bob", password: "ü😀x".repeat(43) }, "password: "],
  ["a password with U+0000", { username: "bob", password: "abcdefgh\u0000" }, "password: "],
  ["a password with half a character", { username: "bob", password: "abcdefgh\ud800" }, "password: "],
  ["a strange username", { username: "bob smith", password: PASSWORD }, "username: "],
  ["a wrong address", { username: "bob", password: PASSWORD, email: "nowhere" }, "email: "],
  ["an unknown field", { username: "bob", password: PASSWORD, admin: true }, ""],
])("%s is a bad_request that names the field and not its value", async (_what, body, field) => {
  const answer = await signup(body);
  expect(answer).toMatchObject({ status: 400, body: { code: "bad_request" } });
  expect(JSON.stringify(answer.body)).toContain(field);
  expect(JSON.stringify(answer.body)).not.toContain(body.password);
});

test("unknown user, guest and wrong password get the same answer, after one verification each", async () => {
  const { user } = await api.guest();
  await signup({ username: "known", password: PASSWORD });
  const verifications = async () => /operation="verify"} (\d+)/.exec(await api.metrics.text())?.[1] ?? "0";
  const answers: unknown[] = [];
  for (const username of ["nobody", user.username, "known", "\uffff no username"]) {
    const before = Number(await verifications());
    const { status, body } = await login(username, "wrong password");
    answers.push({ status, body });
    expect(Number(await verifications())).toBe(before + 1);
  }
  expect(answers[0]).toMatchObject({ status: 401, body: { code: "bad_credentials" } });
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test("a hash weaker than today's is replaced at the next login", async () => {
  const weak = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  await world.store.users.create({ username: "old-timer", passwordHash: weak });
  expect((await login("old-timer", "wrong password")).status).toBe(401);
  expect((await world.store.users.findByUsername("old-timer"))?.passwordHash).toBe(weak);
  expect((await login("old-timer", PASSWORD)).status).toBe(200);
  const renewed = (await world.store.users.findByUsername("old-timer"))?.passwordHash;
  expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect((await login("old-timer", PASSWORD)).status).toBe(200);
  expect((await world.store.users.findByUsername("old-timer"))?.passwordHash).toBe(renewed);
});

test("a guest gets the wished name, or one with a random suffix; never the name of another user", async () => {
  const wished = await guest({ name: "visitor" });
  expect(wished).toMatchObject({ status: 201, body: { user: { username: "guest-visitor" } } });
  const late = await guest({ name: "Visitor" });
  expect(late.body.user.username).toMatch(/^guest-Visitor-[a-z0-9]{6}$/);
  expect(late.body.user.id).not.toBe(wished.body.user.id);
  const longest = "a".repeat(32);
  expect((await guest({ name: longest })).body.user.username).toBe(`guest-${"a".repeat(26)}`);
  expect((await guest({ name: longest })).body.user.username).toMatch(/^guest-a{19}-[a-z0-9]{6}$/);
  await signup({ username: "famous", password: PASSWORD });
  expect((await guest({ name: "Fam0us" })).body.user.username).toMatch(/^guest-Fam0us-[a-z0-9]{6}$/);
  expect((await guest({ name: "guest-again" })).body.user.username).toBe("guest-again");
  expect((await guest({})).body.user.username).toMatch(/^guest-[a-z0-9]{6}$/);
  const bodiless = await api.call<Tokens>("POST", "/auth/guest");
  expect(bodiless.body.user.username).toMatch(/^guest-/);
});

test("without ALLOW_GUESTS there are none", async () => {
  const closed = new TestApi(world, { ALLOW_GUESTS: "false" });
  expect(await guest({}, closed)).toMatchObject({ status: 403, body: { code: "guests_disabled" } });
});

test("G8 logins are limited by account and address: neither locks the other out", async () => {
  const strict = new TestApi(world, { LOGINS_PER_MINUTE_PER_ACCOUNT: "1" });
  const body = { username: "victim", password: "guess" };
  const from = (address: string, username = "victim") =>
    strict.call("POST", "/auth/login", { body: { ...body, username }, address });
  expect((await from("192.0.2.7")).status).toBe(401);
  const second = await from("192.0.2.7", "VICTIM");
  const limit = { name: "account_logins", count: 1, seconds: 60, left: 0 };
  expect(second).toMatchObject({ status: 429, body: { code: "rate_limited", limit } });
  expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(50);
  expect((await from("192.0.2.8")).status).toBe(401);
  expect((await from("192.0.2.7", "other")).status).toBe(401);
});

test("G8 sign-ups and requests are limited by address", async () => {
  const strict = new TestApi(world, { SIGNUPS_PER_SECOND_PER_ADDRESS: "1", REQUESTS_PER_SECOND_PER_ADDRESS: "3" });
  const ask = () => strict.call("GET", "/me");
  // At once: a refusal is held for longer than it takes to get a request back.
  const answers = await Promise.all([guest({}, strict), guest({}, strict), ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual([201, 429, 401, 429]);
  expect(answers.filter(({ status }) => status === 429)).toMatchObject([
    { body: { code: "rate_limited", limit: { name: "address_signups", count: 1 } } },
    { body: { code: "rate_limited", limit: { name: "address_requests", count: 3 } } },
  ]);
  expect((await strict.call("GET", "/me", { address: "192.0.2.9" })).status).toBe(401);
});

test("G8 more passwords than may wait are refused with overloaded", async () => {
  const narrow = new TestApi(world, {
    PASSWORD_QUEUE_MAX: "1",
    LOGINS_PER_MINUTE_PER_ACCOUNT: "1000",
    LOGIN_FAILURES_FREE_PER_ACCOUNT: "1000",
  });
  const answers = await Promise.all(Array.from({ length: 150 }, () => login("nobody", "wrong password", narrow)));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.body).toMatchObject({ code: "overloaded", retryAfterMs: expect.any(Number) });
  expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
});

test("logout ends the session everywhere: its access token, its refresh token, its connections", async () => {
  const one = await api.guest();
  const sessionId = await api.session(one.token);
  const answer = await api.call("POST", "/auth/logout", { token: one.token });
  expect(answer).toMatchObject({ status: 204, body: null });
  expect(world.controls.at(-1)).toEqual({ type: "session-revoked", session: sessionId });
  expect(await api.call("GET", "/me", { token: one.token })).toMatchObject({
    status: 401,
    body: { code: "session_revoked" },
  });
  expect(await refresh(one.refreshToken)).toMatchObject({ status: 401, body: { code: "bad_token" } });
});

const refresh = (refreshToken: string, of = api) =>
  of.call<Tokens>("POST", "/auth/refresh", { body: { refreshToken } });

test("a refresh gives new tokens of the same session", async () => {
  const one = await api.guest();
  const { status, body } = await refresh(one.refreshToken);
  expect(status).toBe(200);
  expect(body.user).toEqual(one.user);
  expect(body.refreshToken).not.toBe(one.refreshToken);
  expect(await api.session(body.accessToken)).toBe(await api.session(one.token));
});

test("two tabs that refresh at once both go on, with the same token", async () => {
  const { refreshToken } = await api.guest();
  const [one, two] = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(one.body.refreshToken).toBe(two.body.refreshToken);
  expect((await refresh(one.body.refreshToken)).status).toBe(200);
});

test("G8 sixty parallel uses of one refresh token leave one living token", async () => {
  const { refreshToken } = await api.guest();
  const answers = await Promise.all(Array.from({ length: 60 }, () => refresh(refreshToken)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
});

test("alternating use of a stolen token is detected as soon as thief or owner is a step ahead", async () => {
  const owner = await api.guest();
  const session = await api.session(owner.token);
  const thief = await refresh(owner.refreshToken);
  const renewed = await refresh(owner.refreshToken);
  expect(renewed.body.refreshToken).toBe(thief.body.refreshToken);
  const ahead = await refresh((await refresh(renewed.body.refreshToken)).body.refreshToken);
  expect(ahead.status).toBe(200);
  expect(await refresh(thief.body.refreshToken)).toMatchObject({ status: 401, body: { code: "refresh_reused" } });
  expect(world.controls).toContainEqual({ type: "session-revoked", session });
  expect(await refresh(ahead.body.refreshToken)).toMatchObject({ status: 401, body: { code: "bad_token" } });
});

test("a refresh token used again after the grace ends the session for thief and owner", async () => {
  const strict = new TestApi(world, { REFRESH_GRACE_MS: "0" });
  const owner = await strict.guest();
  const session = await strict.session(owner.token);
  const renewed = toPerson((await refresh(owner.refreshToken, strict)).body);
  expect(await refresh(owner.refreshToken, strict)).toMatchObject({ status: 401, body: { code: "refresh_reused" } });
  expect(world.controls.at(-1)).toEqual({ type: "session-revoked", session });
  expect(await strict.call("GET", "/me", { token: renewed.token })).toMatchObject({
    status: 401,
    body: { code: "session_revoked" },
  });
  expect(await refresh(renewed.refreshToken, strict)).toMatchObject({ status: 401, body: { code: "bad_token" } });
});

test("an invented refresh token is a bad_token", async () => {
  expect(await refresh("x".repeat(43))).toMatchObject({ status: 401, body: { code: "bad_token" } });
});
