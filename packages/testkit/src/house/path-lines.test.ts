import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { countPath, pathFaults, type ReadingPath, readLines } from "./path-lines.ts";

const code = new Map([
  ["broker/lua/accept.lua", 50],
  ["broker/src/accept/acceptor.ts", 100],
  ["broker/src/accept/refusals.ts", 10],
  ["broker/src/acceptable.ts", 1_000],
]);

function pathOf(read: readonly string[], skip: readonly string[] = [], maxLines = 160): ReadingPath {
  return { name: "path", maxLines, read, skip };
}

test("a directory stands for all of its files, and a file for itself", () => {
  const { files, lines } = countPath(pathOf(["broker/src/accept", "broker/lua/accept.lua"]), code);
  expect({ files, lines }).toEqual({ files: 3, lines: 160 });
});

test("a file counts once, however many entries name it", () => {
  expect(countPath(pathOf(["broker/src/accept", "broker/src/accept/refusals.ts"]), code).lines).toBe(110);
});

test("a skipped file does not count", () => {
  expect(countPath(pathOf(["broker/src/accept"], ["broker/src/accept/refusals.ts"]), code).lines).toBe(100);
});

test("an entry that names no code of the path is a fault", () => {
  const path = pathOf(["broker/src/accept", "broker/src/gone"], ["broker/lua"]);
  expect(pathFaults(path, countPath(path, code))).toEqual([
    "path: broker/src/gone names no code; correct the list",
    "path: broker/lua names no code; correct the list",
  ]);
});

test("the limit itself is allowed, one line more is a fault", () => {
  const all = ["broker/src/accept", "broker/lua"];
  const [atLimit, above] = [pathOf(all, [], 160), pathOf(all, [], 159)];
  expect(pathFaults(atLimit, countPath(atLimit, code))).toEqual([]);
  expect(pathFaults(above, countPath(above, code))).toEqual(["path: 160 lines, over 159"]);
});

test("code is what src and lua hold, without tests and build output", async () => {
  const root = await mkdtemp(join(tmpdir(), "hubbub-lines-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const files = {
    "a/src/b/c.ts": "1\n2\n",
    "a/src/b/c.test.ts": "1\n",
    "a/src/b/c.redis.test.ts": "1\n",
    "a/lua/d.lua": "1",
    "a/dist/c.ts": "1",
    "a/test/e.ts": "1",
    "a/src/README.md": "1",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  expect(await readLines(root)).toEqual(
    new Map([
      ["a/src/b/c.ts", 2],
      ["a/lua/d.lua", 1],
    ]),
  );
});
