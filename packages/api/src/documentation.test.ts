import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";
import { describeApi } from "./openapi.ts";

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

const ROUTES = Object.values(describeApi().paths ?? {}).flatMap((item) =>
  (["get", "post", "put", "patch", "delete"] as const).flatMap((method) => {
    const route = item[method];
    return route === undefined ? [] : [{ route }];
  }),
);

test("every operation has an id of its own", () => {
  const ids = ROUTES.map(({ route }) => route.operationId);
  expect(ids.every((id) => id !== undefined && /^[a-z][A-Za-z]+$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(["openapi.json", "asyncapi.json"])("docs/%s equals the served document", async (name) => {
  const written = await readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
  expect((await api.call("GET", `/${name}`)).body).toEqual(JSON.parse(written));
});

test("docs/openapi.json names every status of every operation with its codes, and every code that the api can throw", async () => {
  const operations = ROUTES.map(({ route }) => route as { responses: Record<string, unknown> });
  for (const { responses } of operations) expect(Object.keys(responses)).not.toContain("default");
  const documented = JSON.stringify(operations);
  const folders = ["api", "chat", "files", "search", "store"].map(
    (name) => new URL(`../../${name}/src/`, import.meta.url),
  );
  const found = new Set<string>();
  for (const folder of folders) {
    for (const name of await readdir(folder, { recursive: true })) {
      if (!name.endsWith(".ts") || name.includes(".test.")) continue;
      const source = await readFile(new URL(name, folder), "utf8");
      for (const [, code = ""] of source.matchAll(/(?:new ProtocolError\(|super\()\s*"(\w+)"/g)) found.add(code);
    }
  }
  expect(found.size).toBeGreaterThan(30);
  expect([...found].filter((code) => !documented.includes(`"${code}"`))).toEqual([]);
});
