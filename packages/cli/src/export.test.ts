import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FakeHub } from "../test/fake-hub.ts";
import { startLoggedIn } from "../test/start.ts";
import { Progress } from "./progress.ts";

const ID = "01920000-0000-7000-8000-0000000000ee";
const content = randomBytes(300_000);
const PROOF = { status: 401, body: { code: "proof_required", detail: "say who you are" } };
const LINK = { status: 200, body: { url: `/api/v1/me/exports/${ID}/content?link=abc`, expiresAt: 1 } };
const state = (name: string, done: number) => ({
  ...{ id: ID, state: name, requestedAt: 1_700_000_000_000, progress: { done, total: 9 } },
  bytes: name === "done" ? content.length : 0,
});
const answer = (body: object, status = 200) => ({ status, body });

function prepare(hub: FakeHub): void {
  hub.archive.content = content;
  hub.replies["GET exports"] = [answer({ exports: [] })];
  hub.replies["POST exports"] = [answer(state("queued", 0), 202)];
  hub.replies[`GET ${ID}`] = [answer(state("running", 4)), answer(state("done", 9))];
  hub.replies["POST link"] = [LINK, LINK, LINK];
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "hubbub-export-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

test("hubbub export waits for the archive, tells how far it is, and saves it although the connection breaks", async () => {
  const dir = await folder();
  const path = join(dir, "me.zip");
  const { hub, exitCode, err } = await startLoggedIn(["export", path], (fake) => {
    prepare(fake);
    fake.archive.cuts = [100_000];
  });
  expect(await exitCode, err()).toBe(0);
  expect(await readFile(path)).toEqual(content);
  expect(await readdir(dir)).toEqual(["me.zip"]);
  expect(err()).toContain("The server makes the archive: waiting for its turn");
  expect(err()).toContain(`Your data is in ${path} (0.3 MB)`);
  expect(hub.calls.filter((call) => call.includes("/content?link=abc"))).toHaveLength(2);
});

test("hubbub export asks for the password when the login is old, and takes the last archive if there is no other yet", async () => {
  const path = join(await folder(), "me.zip");
  const { hub, exitCode, err, stdin } = await startLoggedIn(["export", path, "--password-stdin"], (fake) => {
    prepare(fake);
    fake.replies["GET exports"]?.push(answer({ exports: [state("done", 9)] }));
    fake.replies["POST exports"] = [PROOF, answer({ code: "rate_limited", detail: "soon", retryAfterMs: 1 }, 429)];
  });
  stdin.end("correct horse battery\n");
  expect(await exitCode, err()).toBe(0);
  expect(await readFile(path)).toEqual(content);
  expect(err()).toContain("This one is of 2023-11-14");
  const proofs = hub.calls.filter((call) => call.startsWith("POST /me/exports"));
  expect(proofs.map((call) => call.slice(call.indexOf("{")))).toEqual([
    "{}",
    '{"password":"correct horse battery"}',
    '{"password":"correct horse battery"}',
  ]);
});

test("hubbub export goes on with a download that was ended", async () => {
  const path = join(await folder(), "me.zip");
  await writeFile(`${path}.${ID}.part`, content.subarray(0, 200_000));
  const { hub, exitCode } = await startLoggedIn(["export", path], (fake) => {
    prepare(fake);
    fake.replies["GET exports"] = [answer({ exports: [state("done", 9)] })];
    fake.archive.content = Buffer.concat([randomBytes(200_000), content.subarray(200_000)]);
  });
  expect(await exitCode).toBe(0);
  expect(await readFile(path)).toEqual(content);
  expect(hub.calls.some((call) => call.startsWith("POST /me/exports {"))).toBe(false);
});

test("hubbub export overwrites no file, and says why no archive is made", async () => {
  const path = join(await folder(), "me.zip");
  await writeFile(path, "mine");
  const refused = await startLoggedIn(["export", path], prepare);
  expect(await refused.exitCode).toBe(1);
  expect(refused.err()).toContain("exists already, and is not overwritten");
  expect(await readFile(path, "utf8")).toBe("mine");
  expect(refused.hub.calls).toEqual([]);
  const failed = await startLoggedIn(["export", `${path}2`], (fake) => {
    prepare(fake);
    fake.replies[`GET ${ID}`] = [answer({ ...state("failed", 3), fault: "too_large" })];
  });
  expect(await failed.exitCode).toBe(1);
  expect(failed.err()).toContain("larger than this server makes");
});

test("what a server says of the progress cannot drive the terminal", () => {
  let shown = "";
  const stderr = { isTTY: true, write: (text: string) => (shown += text) };
  new Progress({ stderr, isDumb: false } as never).show("of \u001b[2J parts");
  expect(shown.split("\u001b")).toEqual(["\r", expect.stringMatching(/^\[K.+parts$/)]);
});
