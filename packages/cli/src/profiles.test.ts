import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toStoredTokens } from "@hubbub/client";
import { expect, onTestFinished, test } from "vitest";
import { FakeHub, TOKENS } from "../test/fake-hub.ts";
import { startWith } from "../test/start.ts";
import { Credentials } from "./credentials.ts";
import { Profiles } from "./profiles.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const tokens = (accessToken: string) => ({ ...toStoredTokens(TOKENS), accessToken });

test("the logins of an earlier version move into the default profile, also by several processes at once", async () => {
  const folder = await temporaryFolder();
  const old = join(folder, "credentials.json");
  await writeFile(old, JSON.stringify({ "http://one": tokens("old"), "http://two": tokens("b") }));
  const newer = new Credentials(join(folder, "profiles", "default"), "http://one");
  await newer.save(tokens("newer"));
  await Promise.all(Array.from({ length: 8 }, () => new Profiles(folder).migrate()));
  expect((await newer.load())?.accessToken).toBe("newer");
  const other = new Credentials(join(folder, "profiles", "default"), "http://two");
  expect((await other.load())?.accessToken).toBe("b");
  expect(await readdir(folder)).toEqual(["profiles"]);
  const files = await readdir(join(folder, "profiles", "default", "logins"));
  expect(files).toHaveLength(2);
  for (const file of files)
    expect((await stat(join(folder, "profiles", "default", "logins", file))).mode & 0o777).toBe(0o600);
});

test.each(["{", '"text"', "null", '{"http://one":7}'])(
  "a damaged file of an earlier version (%j) stays, and the command goes on",
  async (text) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "credentials.json"), text);
    const { exitCode, err } = await startWith({ hub: new FakeHub(), configDir: folder }, ["profiles"]);
    expect(await exitCode).toBe(0);
    expect(err()).toMatch(/credentials.json cannot be moved: .*log in again\n.*no profile yet/);
    expect(await readFile(join(folder, "credentials.json"), "utf8")).toBe(text);
  },
);

test("a login in a profile is used with its name, with its server, and no other", async () => {
  const configDir = await temporaryFolder();
  const hub = new FakeHub();
  hub.replies["POST login"] = [{ status: 200, body: TOKENS }];
  const run = async (...argv: string[]) => {
    const started = await startWith({ hub: new FakeHub(), configDir }, argv);
    return { code: await started.exitCode, out: started.out(), err: started.err() };
  };
  const login = await startWith({ hub, configDir }, ["--profile", "work", "login", "ada", "--password-stdin"]);
  login.stdin.end("correct horse battery\n");
  expect(await login.exitCode).toBe(0);
  const { server } = login;
  expect(await run("rooms", "--profile", "work")).toMatchObject({ code: 0, out: expect.stringContaining("lobby") });
  expect(await run("rooms")).toMatchObject({ code: 1, err: expect.stringContaining("Log in: hubbub login NAME, or") });
  expect(await run("profiles")).toMatchObject({ code: 0, out: `  work  ada  ${server}\n` });
  expect(await run("profiles", "use", "work")).toMatchObject({ code: 0 });
  expect(await run("profiles")).toMatchObject({ out: `* work  ada  ${server}\n` });
  const other = new FakeHub();
  const url = await other.listen();
  onTestFinished(() => other.close());
  const named = await run("rooms", "--server", url);
  expect(named.err).toContain(`not logged in at ${url}. Log in: hubbub login NAME --profile work`);
  const removed = await run("profiles", "remove", "work");
  expect(removed).toMatchObject({ code: 0, err: expect.stringContaining("profile work is gone") });
  expect(hub.calls).toContain("POST /auth/logout");
  expect(await run("profiles")).toMatchObject({ out: "", err: expect.stringContaining("no profile yet") });
});

test.each([
  [["rooms", "--profile", "../up"], 2, "small letters"],
  [["profiles", "use", "nowhere"], 1, "there is no profile nowhere"],
  [["profiles", "remove", "UPPER"], 2, "small letters"],
  [["profiles", "drop", "work"], 2, "use NAME or remove NAME"],
])("hubbub %j is refused", async (argv, code, said) => {
  const configDir = await temporaryFolder();
  await mkdir(join(configDir, "profiles"));
  const { exitCode, err } = await startWith({ hub: new FakeHub(), configDir }, argv);
  expect(await exitCode).toBe(code);
  expect(err()).toContain(said);
});
