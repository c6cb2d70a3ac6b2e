import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";

const startMs = 60_000;
let directory: string;
let npm: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-npm-start-"));
});
afterEach(async () => {
  npm?.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

/** `npm start` at a free port; answers its URL, when it says that it is ready, and what it said first. */
async function start(): Promise<{ npm: ChildProcess; url: string; first: string }> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], DATA_DIR: directory, PORT: "0" };
  const child = spawn("npm", ["start"], { cwd: repositoryRoot, env });
  npm = child;
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  await expect.poll(() => said, { timeout: startMs }).toContain("in a browser");
  const url = /in a browser\s+(\S+)/.exec(said)?.[1] ?? "";
  return { npm: child, url, first: said.slice(0, said.indexOf("Hubbub is starting")) };
}

test("a SIGTERM to npm reaches the server: none is left behind, and the next start has port and directory", async () => {
  const { npm: child, url, first } = await start();
  expect(first).toContain("Building");
  expect(first).not.toContain("KiB");
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  await expect.poll(() => fetch(`${url}/livez`).catch(() => "gone"), { timeout: 10_000 }).toBe("gone");
  const again = await start();
  expect((await fetch(`${again.url}/livez`)).status).toBe(200);
  again.npm.kill("SIGTERM");
  await once(again.npm, "exit");
});
