import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FakeHub, TOKENS } from "../test/fake-hub.ts";
import { type Started, startLoggedIn, startWith } from "../test/start.ts";

const UNAVAILABLE = { status: 503, body: { code: "unavailable", detail: "away", retryAfterMs: 1 } };

const signup = (started: Started) => {
  started.stdin.end("correct horse battery\n");
  return started.exitCode;
};
const SIGNUP = ["signup", "ada", "--password-stdin"];
const idsOf = (hub: FakeHub) => hub.calls.map((call) => /"id":"(\w+)"/.exec(call)?.[1]);

test("G3 a sign-up whose answer was lost is repeated with the same id", async () => {
  const started = await startLoggedIn(SIGNUP, (hub) => {
    hub.replies["POST signup"] = [UNAVAILABLE];
  });
  expect(await signup(started)).toBe(0);
  const [first, again] = idsOf(started.hub);
  expect(first).toMatch(/^\w{22,}$/);
  expect(again).toBe(first);
});

test("a sign-up with an unknown outcome says so, and what to do", async () => {
  const started = await startLoggedIn(SIGNUP, (hub) => {
    hub.replies["POST signup"] = [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE];
  });
  expect(await signup(started)).toBe(1);
  expect(started.err()).toContain("The account may have been made: try hubbub login ada");
});

test("no account is created if its login cannot be stored", async () => {
  const hub = new FakeHub();
  const started = await startWith({ hub, configDir: "/dev/null/hubbub" }, SIGNUP);
  expect(await signup(started)).toBe(1);
  expect(started.err()).toMatch(
    /^hubbub: the login cannot be kept in \/dev\/null\/hubbub\/profiles\/default\/logins\/\w+.json: .*\n$/,
  );
  expect(started.err()).toContain("XDG_CONFIG_HOME");
  expect(hub.calls).toEqual([]);
});

test("an unreadable login is reported in one sentence", async () => {
  const started = await startWith({ hub: new FakeHub(), configDir: "/dev/null" }, ["rooms"]);
  expect(await started.exitCode).toBe(1);
  expect(started.err()).toMatch(/^hubbub: \/dev\/null\/profiles\/default\/logins\/\w+.json cannot be read: .*\n$/);
});

const SECOND = {
  status: 401,
  body: {
    code: "second_factor_required",
    detail: "one more step",
    secondFactor: { ticket: "ticket-1", methods: ["totp", "recovery"], expiresInMs: 300_000 },
  },
};

async function logIn(code?: string): Promise<Started> {
  const hub = new FakeHub();
  hub.replies["POST login"] = [SECOND];
  hub.replies["POST second-factor"] = [{ status: 200, body: TOKENS }];
  const configDir = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(configDir, { recursive: true, force: true }));
  const started = await startWith({ hub, configDir, ...(code === undefined ? {} : { code }) }, LOGIN);
  started.stdin.end("correct horse battery\n");
  return started;
}
const LOGIN = ["login", "ada", "--password-stdin"];

test("a login with a second factor takes its code from HUBBUB_CODE", async () => {
  const { hub, exitCode, err } = await logIn("123456");
  expect(await exitCode).toBe(0);
  expect(hub.calls.at(-1)).toBe('POST /auth/second-factor {"ticket":"ticket-1","code":"123456"}');
  expect(err()).toContain("Logged in as ada.");
});

test("a login with a second factor says what to do where no code can be asked for", async () => {
  const { exitCode, err } = await logIn();
  expect(await exitCode).toBe(2);
  expect(err()).toContain("set HUBBUB_CODE");
});

test("hubbub avatar sends a picture, or removes it", async () => {
  const set = await startLoggedIn(["avatar", import.meta.filename], (hub) => {
    hub.replies["PUT avatar"] = [{ status: 200, body: { avatar: "a".repeat(64) } }];
  });
  expect(await set.exitCode).toBe(0);
  expect(set.hub.calls[0]).toMatch(/^PUT \/me\/avatar import \{ mkdtemp/);
  const removed = await startLoggedIn(["avatar", "--remove"], (hub) => {
    hub.replies["DELETE avatar"] = [{ status: 200, body: {} }];
  });
  expect(await removed.exitCode).toBe(0);
  expect(removed.hub.calls).toEqual(["DELETE /me/avatar"]);
  const missing = await startLoggedIn(["avatar", "/nowhere.png"]);
  expect(await missing.exitCode).toBe(1);
  expect(missing.err()).toContain("/nowhere.png cannot be read");
});
