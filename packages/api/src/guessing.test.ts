import type { Tokens } from "@hubbub/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";

const PASSWORD = "correct horse";
const OWNER_ADDRESS = "198.51.100.1";
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
// The limits' clock stands still: how long a hash takes on a busy machine must not count as waiting.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Guess {
  readonly username: string;
  readonly address: string;
  readonly password?: string;
}

const login = (api: TestApi, { username, address, password = "wrong password" }: Guess) =>
  api.call<Tokens & { code: string; retryAfterMs: number }>("POST", "/auth/login", {
    body: { username, password },
    address,
  });

async function signup(api: TestApi, username: string) {
  const answer = await api.call("POST", "/auth/signup", {
    body: { username, password: PASSWORD },
    address: OWNER_ADDRESS,
  });
  expect(answer.status).toBe(201);
}

test("G8 another spelling of a name is the same name to the limit, or no name at all", async () => {
  const api = new TestApi(world, { LOGINS_PER_MINUTE_PER_ACCOUNT: "2" });
  await signup(api, "mississippi");
  const address = "192.0.2.1";
  const guess = async (username: string, password?: string) =>
    (await login(api, { username, address, ...(password === undefined ? {} : { password }) })).status;
  expect([await guess("mississippi"), await guess("MISSISSIPPI"), await guess("Mississippi")]).toEqual([401, 401, 429]);
  expect(await guess("m\u0130ssissippi", PASSWORD)).toBe(401);
});

test("G8 guesses at one account from many addresses meet a growing delay; the owner's address is spared", async () => {
  const api = new TestApi(world, { LOGIN_FAILURES_FREE_PER_ACCOUNT: "5" });
  await signup(api, "target");
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, at) => login(api, { username: "target", address: `192.0.2.${at}` })),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(35);
  for (const { body } of refused)
    expect(body).toMatchObject({
      code: "rate_limited",
      retryAfterMs: expect.any(Number),
      limit: { name: "account_login_failures" },
    });
  expect((await login(api, { username: "target", address: OWNER_ADDRESS, password: PASSWORD })).status).toBe(200);
  expect((await login(api, { username: "target", address: "192.0.2.200", password: PASSWORD })).status).toBe(429);
});

test("G8 each failure doubles the delay, up to five minutes", async () => {
  const api = new TestApi(world, { LOGIN_FAILURES_FREE_PER_ACCOUNT: "1" });
  const guess = (at: number) => login(api, { username: "slowed", address: `192.0.2.${at}` });
  const delays: number[] = [];
  for (let at = 0; at < 11; at += 1) {
    expect((await guess(at)).status).toBe(401);
    const refused = await guess(at);
    expect(refused.status).toBe(429);
    delays.push(refused.body.retryAfterMs);
    vi.advanceTimersByTime(refused.body.retryAfterMs);
  }
  expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1_000));
});

test("an unknown name is delayed like an account", async () => {
  const api = new TestApi(world, { LOGIN_FAILURES_FREE_PER_ACCOUNT: "3" });
  const guess = async (at: number) => (await login(api, { username: "nobody", address: `203.0.113.${at}` })).status;
  expect([await guess(1), await guess(2), await guess(3), await guess(4)]).toEqual([401, 401, 401, 429]);
});

test.each([
  ["one address", "5", () => "192.0.2.77"],
  ["the networks of one IPv6 site", "2", (at: number) => `2001:db8:7:${at}::/64`],
])("G8 one password tried on many accounts from %s is slowed", async (_what, free, address) => {
  const api = new TestApi(world, { LOGIN_FAILURES_FREE_PER_ADDRESS: free });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, at) => login(api, { username: `sprayed-${at}`, address: address(at) })),
  );
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(8);
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(22);
});

test("logins that succeed are not counted as failures", async () => {
  const api = new TestApi(world, { LOGIN_FAILURES_FREE_PER_ACCOUNT: "2", LOGIN_FAILURES_FREE_PER_ADDRESS: "2" });
  await signup(api, "regular");
  for (let times = 0; times < 6; times += 1) {
    expect((await login(api, { username: "regular", address: "192.0.2.3", password: PASSWORD })).status).toBe(200);
  }
});

test("G8 logins that were refused for a full queue are not counted as failures", async () => {
  const api = new TestApi(world, { PASSWORD_QUEUE_MAX: "1", LOGIN_FAILURES_FREE_PER_ACCOUNT: "30" });
  await signup(api, "patient");
  const address = "192.0.2.4";
  const flood = await Promise.all(
    Array.from({ length: 30 }, () => login(api, { username: "patient", address, password: PASSWORD })),
  );
  expect(flood.filter(({ status }) => status === 503).length).toBeGreaterThan(0);
  for (let times = 0; times < 3; times += 1) {
    expect((await login(api, { username: "patient", address: `203.0.113.${times}`, password: PASSWORD })).status).toBe(
      200,
    );
  }
});
