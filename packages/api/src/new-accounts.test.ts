import { randomUUID } from "node:crypto";
import type { Tokens } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";
import { Cleanup } from "./cleanup.ts";

const PASSWORD = "correct horse";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const signup = (body: object, address = "192.0.2.1", of = api) =>
  of.call<Tokens>("POST", "/auth/signup", { body, address });
const guest = (body: object, address = "192.0.2.1", of = api) =>
  of.call<Tokens>("POST", "/auth/guest", { body, address });

test.each(["admin", "Adm1n", "r00t", "system", "hubbub", "everyone", "unknown", "guest-ada"])(
  "%s is a name for nobody, not for accounts and not for guests",
  async (username) => {
    const refusal = { status: 409, body: { code: "username_reserved" } };
    expect(await signup({ username, password: PASSWORD })).toMatchObject(refusal);
    if (!username.startsWith("guest-")) expect(await guest({ name: username })).toMatchObject(refusal);
  },
);

test("a name that looks like an account's is taken", async () => {
  expect((await signup({ username: "allister", password: PASSWORD })).status).toBe(201);
  for (const username of ["aIlister", "al1ister", "Allister.", "a11ister"]) {
    expect(await signup({ username, password: PASSWORD })).toMatchObject({
      status: 409,
      body: { code: "username_taken" },
    });
  }
});

test("a guest does not keep a name from an account", async () => {
  await guest({ name: "beatrice" });
  expect((await signup({ username: "beatrice", password: PASSWORD })).status).toBe(201);
});

test("a repeated sign-up with the same id gets the same account", async () => {
  const body = { username: "repeater", password: PASSWORD, id: randomUUID() };
  const first = await signup(body);
  const again = await signup(body);
  expect(again).toMatchObject({ status: 201, body: { user: first.body.user } });
  const racing = { username: "racer", password: PASSWORD, id: randomUUID() };
  const answers = await Promise.all([signup(racing), signup(racing), signup(racing)]);
  expect(new Set(answers.map(({ status, body: { user } }) => `${status} ${user.id}`)).size).toBe(1);
});

test("the id of a sign-up opens nothing without its password", async () => {
  const body = { username: "careful", password: PASSWORD, id: randomUUID() };
  await signup(body);
  expect(await signup({ ...body, password: "another horse" })).toMatchObject({ status: 400 });
  expect(await signup({ ...body, username: "careless" })).toMatchObject({ status: 400 });
  expect((await guest({ id: body.id })).body.user.username).toMatch(/^guest-/);
  expect(await guest({ id: "short" })).toMatchObject({ status: 400, body: { code: "bad_request" } });
});

test("a repeated guest request with the same id gets the same guest", async () => {
  const body = { name: "comet", id: randomUUID() };
  const answers = await Promise.all([guest(body), guest(body), guest(body)]);
  expect(new Set(answers.map(({ body: { user } }) => user.id)).size).toBe(1);
  expect((await guest(body)).body.user).toEqual(answers[0]?.body.user);
});

test("G8 new guests and accounts of an address are bounded in an hour, and of an IPv6 site", async () => {
  const strict = new TestApi(world, { SIGNUPS_PER_HOUR_PER_ADDRESS: "2" });
  const statuses = async (address: (at: number) => string) => {
    const answers = [];
    for (let at = 0; at < 10; at += 1) answers.push((await guest({}, address(at), strict)).status);
    return answers.filter((status) => status === 201).length;
  };
  expect(await statuses(() => "192.0.2.9")).toBe(2);
  expect(await statuses((at) => `2001:db8:9:${at}::/64`)).toBe(8);
});

test("G8 more guests than GUESTS_MAX are refused with overloaded", async () => {
  const present = await world.store.users.countGuests();
  const strict = new TestApi(world, { GUESTS_MAX: String(present + 2) });
  expect([(await guest({}, "192.0.2.1", strict)).status, (await guest({}, "192.0.2.1", strict)).status]).toEqual([
    201, 201,
  ]);
  expect(await guest({}, "192.0.2.1", strict)).toMatchObject({
    status: 503,
    body: { code: "overloaded", retryAfterMs: 60_000 },
  });
});

test("G8 guests without a session are deleted and their names are free again; guests with a session stay", async () => {
  const gone = await guest({ name: "shooting-star" });
  const there = await guest({ name: "fixed-star" });
  await api.call("POST", "/auth/logout", { token: gone.body.accessToken });
  const cleanup = new Cleanup(world.store, createLogger({ level: "silent", node: "test" }), { AUDIT_DAYS: 365 });
  const later = new Date(Date.now() + 1_000);
  for (let isMore = true; isMore; ) isMore = await cleanup.sweep(later);
  await cleanup.close();
  expect(await world.store.users.find(gone.body.user.id)).toBeNull();
  expect(await world.store.users.find(there.body.user.id)).not.toBeNull();
  expect((await guest({ name: "shooting-star" })).body.user.username).toBe("guest-shooting-star");
});

test.each([
  [
    "at its greatest age, however often it is refreshed",
    { SESSION_IDLE_HOURS: "10", SESSION_MAX_HOURS: "2" },
    false,
    [2, 1, 0.1],
  ],
  [
    "when it was not refreshed for its idle time",
    { SESSION_IDLE_HOURS: "1", SESSION_MAX_HOURS: "2" },
    false,
    [1, 1, 0.1],
  ],
  [
    "earlier for a guest",
    { SESSION_IDLE_HOURS: "10", GUEST_IDLE_HOURS: "1", SESSION_MAX_HOURS: "20" },
    true,
    [1, 1, 1],
  ],
])("a session ends %s", async (_when, settings, isGuest, expected) => {
  const { body } = await guest({});
  const asked: Date[] = [];
  const { sessions } = world.store;
  const rotate: typeof sessions.rotate = (request) => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    asked.push(...[0, 1, 1.9].map((hours) => request.expiryOf({ createdAt: hoursAgo(hours), isGuest })));
    return sessions.rotate(request);
  };
  const watched = new TestApi({ ...world, store: { ...world.store, sessions: { ...sessions, rotate } } }, settings);
  await watched.call("POST", "/auth/refresh", { body: { refreshToken: body.refreshToken } });
  const hoursLeft = asked.map((at) => Math.round(((at.getTime() - Date.now()) / 3_600_000) * 10) / 10);
  expect(hoursLeft).toEqual(expected);
});
