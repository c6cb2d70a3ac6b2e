import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@hubbub/api";
import { type ControlMessage, createAcceptor, createHistory, createMemoryBroker } from "@hubbub/broker";
import { createLogger, createMetrics, ensureSigningKeys, readSigningKeys } from "@hubbub/runtime";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { NoSuchUser, parseSessionsArguments, sessionsCommand } from "./sessions-command.ts";
import { parseSettings } from "./settings.ts";

let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

/** An api beside the command, and what gateways hear from it. */
async function openApi() {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-sessions-"));
  await ensureSigningKeys(join(directory, "keys.json"));
  const keys = await readSigningKeys(join(directory, "keys.json"));
  await rm(directory, { recursive: true });
  const broker = createMemoryBroker({ shards: 1, backlogMaxEvents: 100, durableAccept: false });
  const controls: ControlMessage[] = [];
  broker.listen({ deliver: () => undefined, control: (one) => controls.push(one), interrupted: () => undefined });
  const api = createApi({
    ...{ store, broker, keys, settings: parseSettings({}), metrics: createMetrics() },
    acceptor: createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch }),
    history: createHistory(broker, store.events.page),
    log: createLogger({ level: "silent", node: "test" }),
  });
  const call = (path: string, init: RequestInit = {}) =>
    api.handler(
      new Request(`http://host/api/v1${path}`, {
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      }),
      "192.0.2.1",
    );
  return {
    controls,
    async guest(name: string, agent = "test") {
      const init = { method: "POST", body: JSON.stringify({ name }), headers: { "user-agent": agent } };
      const answer = await call("/auth/guest", init);
      return (await answer.json()) as { accessToken: string; refreshToken: string; user: { username: string } };
    },
    me: async (token: string) => (await call("/me", { headers: { authorization: `Bearer ${token}` } })).status,
    refresh: async (refreshToken: string) =>
      (await call("/auth/refresh", { method: "POST", body: JSON.stringify({ refreshToken }) })).status,
    async [Symbol.asyncDispose]() {
      await api.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

test("the command takes a user and whether to end the sessions, and nothing else", () => {
  expect(parseSessionsArguments(["--user", "ada"])).toEqual({ user: "ada", end: false });
  expect(parseSessionsArguments(["--user", "ada", "--end"])).toEqual({ user: "ada", end: true });
  for (const args of [[], ["--end"], ["ada"], ["--user", "ada", "--all"]]) {
    expect(parseSessionsArguments(args)).toBeNull();
  }
});

test("an operator ends all sessions of one user: tokens are worth nothing, gateways are told, others stay", async () => {
  await using api = await openApi();
  const [mallory, ann] = [await api.guest("mallory"), await api.guest("ann")];
  const user = mallory.user.username.toUpperCase();
  const [listed = ""] = (await sessionsCommand(store, { user, end: false })).split("\n");
  const { id } = JSON.parse(listed) as { id: string };
  expect(await api.me(mallory.accessToken)).toBe(200);
  expect(await sessionsCommand(store, { user, end: true })).toMatch(/^1 sessions of guest-mallory/);
  await expect.poll(() => api.controls, { timeout: 10_000 }).toContainEqual({ type: "session-revoked", session: id });
  expect(await api.me(mallory.accessToken)).toBe(401);
  expect(await api.refresh(mallory.refreshToken)).toBe(401);
  expect(await api.me(ann.accessToken)).toBe(200);
  expect(await sessionsCommand(store, { user, end: false })).toBe("");
});

test("ending all sessions revokes personal tokens, and a lost second factor is turned off", async () => {
  expect(parseSessionsArguments(["--user", "ada", "--reset-second-factor"])).toMatchObject({ resetSecondFactor: true });
  const ada = await store.users.create({ username: "ada", passwordHash: "hash" });
  const { factors, tokens } = store.signin;
  await factors.begin(ada.id, "secret");
  await factors.confirm(ada.id);
  const reset = () => sessionsCommand(store, { user: "ada", end: false, resetSecondFactor: true });
  expect(await reset()).toBe("ada logs in without a second factor now.\n");
  expect(await reset()).toBe("ada had no second factor.\n");
  const expiresAt = new Date(Date.now() + 60_000);
  await tokens.create(ada.id, { hash: "hash", name: "bot", scopes: ["read"], expiresAt }, 5);
  const used = await tokens.use("hash");
  expect(await sessionsCommand(store, { user: "ada", end: true })).toMatch(/1 personal access tokens revoked/);
  expect(await tokens.use("hash")).toBeNull();
  expect(await store.sessions.isRevoked(used?.session ?? ("" as never))).toBe(true);
});

test("what a client says of itself cannot drive the terminal of an operator", async () => {
  await using api = await openApi();
  const { user } = await api.guest("oscar", "app\u009b2J");
  const listed = await sessionsCommand(store, { user: user.username, end: false });
  expect(listed.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(JSON.parse(listed)).toMatchObject({ agent: "app\u009b2J", address: "192.0.x.x" });
  const whole = await sessionsCommand(store, { user: user.username, end: false, unmasked: true });
  expect(JSON.parse(whole)).toMatchObject({ address: "192.0.2.1" });
});

test("a user that does not exist is named", async () => {
  await expect(sessionsCommand(store, { user: "nobody here", end: true })).rejects.toThrow(NoSuchUser);
});
