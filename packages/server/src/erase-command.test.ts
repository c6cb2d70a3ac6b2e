import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type UserId } from "@hubbub/protocol";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BadLedger, eraseCommand, parseEraseArguments } from "./erase-command.ts";
import { NoSuchUser } from "./sessions-command.ts";

let folder: string;
let store: Store;
let id: UserId;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-erase-"));
  store = await createEmbeddedStore({ dataDir: join(folder, "postgres") });
  await store.migrate();
  ({ id } = await store.users.create({ username: "ada", passwordHash: "hash", email: "ada@example.org" }));
  await store[Symbol.asyncDispose]();
  await cp(join(folder, "postgres"), join(folder, "backup"), { recursive: true });
  store = await createEmbeddedStore({ dataDir: join(folder, "postgres") });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function restoreBackup(): Promise<void> {
  await store[Symbol.asyncDispose]();
  store = await createEmbeddedStore({ dataDir: join(folder, "backup") });
}

async function erase(...args: string[]): Promise<string> {
  const options = parseEraseArguments(args);
  if (options === null) throw new Error("usage");
  let printed = "";
  await eraseCommand(store, options, (text) => {
    printed += text;
  });
  return printed;
}

async function replay(ledger: string): Promise<string> {
  const file = join(folder, "erasures.ndjson");
  await writeFile(file, ledger);
  return erase("--replay", file);
}

test("the command takes exactly one of --user, --ledger and --replay", () => {
  expect(parseEraseArguments(["--user", "ada"])).toEqual({ how: "user", user: "ada" });
  for (const args of [[], ["--user"], ["--user", "ada", "--ledger"], ["--all"]])
    expect(parseEraseArguments(args)).toBeNull();
});

test("an erasure is replayed on a database that was restored from before it, and on no other", async () => {
  await expect(erase("--user", "nobody")).rejects.toThrow(NoSuchUser);
  expect(await erase("--user", "ADA")).toContain(`the account ${id} is empty, 0 sessions ended`);
  await store.erasures.finish(id);
  const ledger = await erase("--ledger");
  expect(JSON.parse(ledger)).toEqual({ user: id, requestedAt: expect.any(String), doneAt: expect.any(String) });
  expect(await replay(ledger)).toContain("0 erasures begun once more, 1 were done");

  await restoreBackup();
  expect(await store.users.findByUsername("ada")).toMatchObject({ id });
  const unknown = JSON.stringify({ user: newId<UserId>(), requestedAt: new Date(0) });
  expect(await replay(`${ledger}\n${unknown}\n`)).toContain("1 erasures begun once more, 1 were done");
  expect(await store.users.findByUsername("ada")).toBeNull();
  expect(await store.erasures.claim("a process", 1_000, new Date())).toMatchObject({ user: id, hasBegun: false });
  const { requestedAt } = JSON.parse(ledger) as { requestedAt: string };
  const entries = await store.erasures.ledger(null, 10);
  expect(entries).toContainEqual({ user: id, requestedAt: new Date(requestedAt), doneAt: null });
  expect(entries).toHaveLength(2);
  await expect(replay(`${ledger}{"user":"ada"}\n`)).rejects.toThrow(BadLedger);
}, 60_000);
