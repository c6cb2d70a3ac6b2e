import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@hubbub/runtime";
import { createEmbeddedStore } from "@hubbub/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockDirectory } from "../directory-lock.ts";
import { parseSettings } from "../settings.ts";
import { openAdminParts } from "./parts.ts";
import { AdminRefused } from "./refused.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubbub-admin-"));
  await using store = await createEmbeddedStore({ dataDir: join(folder, "postgres") });
  await store.migrate();
  await store.users.create({ username: "ada", passwordHash: "hash" });
});
afterAll(() => rm(folder, { recursive: true }));

const open = (env: Record<string, string>) => openAdminParts(parseSettings({ DATA_DIR: folder, ...env }));

test("a directory that a server holds is left alone, and the operator reads what to do", async () => {
  const unlock = await lockDirectory(folder);
  await expect(open({})).rejects.toThrow(AdminRefused);
  await expect(open({})).rejects.toThrow(/stop it, repeat this command, and start it again/);
  await unlock();
  await using parts = await open({});
  expect(await parts.store.users.findByUsername("ada")).toMatchObject({ username: "ada" });
  await expect(open({})).rejects.toThrow(AdminRefused);
});

test("the directory is free again behind the command", async () => {
  for (let round = 0; round < 2; round += 1) {
    await using parts = await open({});
    expect(await parts.teller.revoked([])).toBe(true);
  }
});

test("a directory without data, and one URL of two, are refused with what to set", async () => {
  await expect(open({ DATA_DIR: join(folder, "nothing") })).rejects.toThrow(ConfigError);
  await expect(open({ DATABASE_URL: "postgres://127.0.0.1:1/none" })).rejects.toThrow("set both");
});
