import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test } from "vitest";
import { Credentials, loginsIn } from "./credentials.ts";

const tokens = (accessToken: string) => ({
  user: { id: "u" as UserId, username: "ada" },
  accessToken,
  refreshToken: "r",
  expiresIn: 600,
  expiresAt: 1,
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "hubbub");
}

test("each server has its own login, and the file is for its owner only", async () => {
  const folder = await temporaryFolder();
  const [one, two] = ["http://one", "http://two"].map((server) => new Credentials(folder, server));
  if (one === undefined || two === undefined) throw new Error("two servers");
  expect(await one.load()).toBeUndefined();
  await one.save(tokens("a"));
  await two.save(tokens("b"));
  await one.forget();
  expect(await one.load()).toBeUndefined();
  expect((await two.load())?.accessToken).toBe("b");
  const [file = "", ...others] = await readdir(join(folder, "logins"));
  expect(others).toEqual([]);
  for (const [path, mode] of [
    [file, 0o600],
    ["", 0o700],
  ] as const)
    expect((await stat(join(folder, "logins", path))).mode & 0o777).toBe(mode);
  expect(await readFile(join(folder, "logins", file), "utf8")).not.toContain("http://one");
  expect(await loginsIn(folder)).toMatchObject([{ server: "http://two", tokens: { accessToken: "b" } }]);
});

test("processes that keep tokens of several servers at once lose none of them", async () => {
  const folder = await temporaryFolder();
  const all = Array.from({ length: 20 }, (_, at) => new Credentials(folder, `http://${at}`));
  await Promise.all(all.map((one, at) => one.save(tokens(`${at}`))));
  const kept = await Promise.all(all.map((one) => one.load()));
  expect(kept.map((one) => one?.accessToken)).toEqual(all.map((_, at) => `${at}`));
});

test.each(["", "{", "null", "7", '{"server":"http://two","tokens":{"user":{"username":"eve"}}}'])(
  "a damaged file (%j) says what to do",
  async (text) => {
    const folder = await temporaryFolder();
    const credentials = new Credentials(folder, "http://one");
    await credentials.save(tokens("a"));
    const [file = ""] = await readdir(join(folder, "logins"));
    await writeFile(join(folder, "logins", file), text);
    await expect(credentials.load()).rejects.toThrow(/damaged.*log in again/);
  },
);

test("without a home directory the error names a way out, and the check leaves no file behind", async () => {
  await expect(new Credentials(undefined, "http://one").load()).rejects.toThrow(/XDG_CONFIG_HOME.*--guest/);
  const folder = await temporaryFolder();
  await new Credentials(folder, "http://one").assertWritable();
  expect(await readdir(join(folder, "logins"))).toEqual([]);
});
