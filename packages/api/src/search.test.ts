import type { Problem, SearchPage } from "@hubbub/protocol";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { createIndexer } from "@hubbub/search";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let stranger: Person;
let indexer: ReturnType<typeof createIndexer>;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { PAGE_BYTES_PER_SECOND_PER_USER: "100000000" });
  [owner, stranger] = await Promise.all([api.guest(), api.guest()]);
  const log = createLogger({ level: "silent", node: "test" });
  indexer = createIndexer({ index: world.store.searchIndex, owner: "test", metrics: createMetrics(), log });
});
afterAll(async () => {
  await indexer.stop();
  await world[Symbol.asyncDispose]();
});

const search = <Body = SearchPage>(who: Person, query: string, more = "") =>
  api.call<Body>("GET", `/search?q=${encodeURIComponent(query)}${more}`, { token: who.token });

test("a message is found with its place and highlights until it is deleted, by members only", async () => {
  const { id: room } = await api.room(owner);
  const call = (method: string, path: string, body?: object) =>
    api.call<{ seq: number }>(method, `/rooms/${room}/messages${path}`, { token: owner.token, body });
  const { seq } = (await call("POST", "", { id: "a", text: "Green tea, please" })).body;
  await world.commit();
  await expect.poll(async () => (await search(owner, "tea")).body.results.length, { timeout: 15_000 }).toBe(1);
  const { status, body } = await search(owner, "tea green");
  expect(status).toBe(200);
  expect(body.results).toMatchObject([
    {
      room,
      seq,
      by: owner.user,
      text: "Green tea, please",
      highlights: [
        { start: 0, end: 5 },
        { start: 6, end: 9 },
      ],
    },
  ]);
  expect(body.cursor).toBeUndefined();
  expect((await search(stranger, "tea")).body.results).toEqual([]);
  await call("PATCH", `/${seq}`, { id: "b", text: "coffee" });
  await world.commit();
  expect((await search(owner, "tea")).body.results).toEqual([]);
  await expect
    .poll(async () => (await search(owner, "coffee")).body.results, { timeout: 15_000 })
    .toMatchObject([{ seq, text: "coffee", edited: true }]);
  await call("DELETE", `/${seq}?id=c`);
  await world.commit();
  expect((await search(owner, "coffee")).body.results).toEqual([]);
});

test("a refusal says what is wrong and where", async () => {
  for (const [query, status, code, detail] of [
    ['tea "green', 400, "bad_request", "character 5"],
    ["tea before:soon", 400, "bad_request", "2026-01-31"],
    ["tea from:nobody-at-all", 404, "unknown_user", "character 5"],
    ["in:nowhere", 404, "unknown_room", "nowhere"],
  ] as const) {
    const refusal = await search<Problem>(owner, query);
    expect(refusal).toMatchObject({ status, body: { code, detail: expect.stringContaining(detail) } });
  }
  expect((await search(owner, "tea", "&cursor=nonsense")).status).toBe(400);
  expect((await api.call("GET", "/search?q=tea")).status).toBe(401);
});

test("a lone accent is found in every message, and ends", async () => {
  expect((await search(owner, "\u0301")).status).toBe(200);
});

test("G8 searches of many users of one address keep nobody else waiting for all of them", async () => {
  const begun: string[] = [];
  const held: (() => void)[] = [];
  const names = new Map<string, string>();
  const scan = vi.spyOn(world.store.search, "scan").mockImplementation(async (user) => {
    begun.push(names.get(user) ?? "");
    await new Promise<void>((resolve) => held.push(resolve));
    return { places: [], horizon: null };
  });
  onTestFinished(() => scan.mockRestore());
  const ask = async (who: Person, address: string) => {
    names.set(who.user.id, address);
    return await api.call("GET", "/search?q=tea", { token: who.token, address });
  };
  const crowd = await Promise.all(Array.from({ length: 12 }, () => api.guest()));
  const answers = crowd.map((who) => ask(who, "192.0.2.66"));
  await vi.waitFor(() => expect(begun).toHaveLength(4));
  answers.push(ask(stranger, "192.0.2.7"));
  for (let done = 0; done < answers.length; done += 1) {
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
    held.shift()?.();
  }
  expect((await Promise.all(answers)).every(({ status }) => status === 200)).toBe(true);
  expect(begun.indexOf("192.0.2.7")).toBeLessThanOrEqual(6);
});
