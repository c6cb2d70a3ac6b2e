import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";

const LONG_SCRIPT = "export const answer = 42;\n".repeat(1_000);
let world: World;
let api: TestApi;
let folder: string;
beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), "hubbub-pages-"));
  await writeFile(join(folder, "index.html"), "<!doctype html>");
  await writeFile(join(folder, "page.js"), "export {};");
  await writeFile(join(folder, "page.js.map"), "{}");
  await writeFile(join(folder, "long.js"), LONG_SCRIPT);
  await writeFile(join(folder, "manifest.webmanifest"), "{}");
  await mkdir(join(folder, "assets"));
  for (const name of ["index-Ab3_x-9Z.js", "plain.js"]) await writeFile(join(folder, "assets", name), "export {};");
  api = new TestApi(world, {}, folder);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("pages are served with a tag, and not again when the browser has them", async () => {
  const index = await api.fetch("/");
  expect(await index.text()).toBe("<!doctype html>");
  expect(index.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(index.headers.get("cache-control")).toBe("no-cache");
  const etag = index.headers.get("etag") ?? "";
  const again = await api.fetch("/", { headers: { "if-none-match": `W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await api.fetch("/page.js")).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect((await api.fetch("/page.js.map")).status).toBe(404);
});

test("only a file with a digest in its name may be kept without asking again; a manifest has its own type", async () => {
  const headerOf = async (path: string, name: string) => (await api.fetch(path)).headers.get(name);
  const fixed = "public, max-age=31536000, immutable";
  expect(await headerOf("/assets/index-Ab3_x-9Z.js", "cache-control")).toBe(fixed);
  for (const path of ["/assets/plain.js", "/page.js", "/"])
    expect(await headerOf(path, "cache-control")).toBe("no-cache");
  expect(await headerOf("/manifest.webmanifest", "content-type")).toBe("application/manifest+json");
  expect(await headerOf("/", "content-security-policy")).toMatch(/worker-src 'self'; manifest-src 'self'/);
});

test.each([
  ["gzip, deflate, br", "br", brotliDecompressSync],
  ["gzip;q=1, br;q=0", "gzip", gunzipSync],
  ["deflate", null, (bytes: Buffer) => bytes],
] as const)("a long page is served compressed to a browser that takes %s", async (accepted, encoding, decompress) => {
  const headers = { "accept-encoding": accepted };
  const answer = await api.fetch("/long.js", { headers });
  expect(answer.headers.get("content-encoding")).toBe(encoding);
  expect(answer.headers.get("vary")).toBe("accept-encoding");
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(decompress(bytes).toString()).toBe(LONG_SCRIPT);
  if (encoding !== null) expect(bytes.length).toBeLessThan(LONG_SCRIPT.length / 10);
  const etag = answer.headers.get("etag") ?? "";
  const again = await api.fetch("/long.js", { headers: { ...headers, "if-none-match": etag } });
  expect(again.status).toBe(304);
});
