import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toStoredTokens } from "@hubbub/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { FakeHub, TOKENS } from "../test/fake-hub.ts";
import { FakeTerminal } from "../test/fake-terminal.ts";
import { start, subscribed } from "../test/start.ts";
import { Credentials } from "./credentials.ts";
import { DEFAULT_PROFILE, Profiles } from "./profiles.ts";
import { run } from "./run.ts";

const MINUTES_MS = 5 * 60_000;
const STEP_MS = 1_000;
/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:65535";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("a chat at a terminal survives an outage of minutes, with all typed lines", async () => {
  const hub = new FakeHub();
  const server = await hub.listen();
  const back = new FakeHub();
  onTestFinished(() => back.close());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const terminal = new FakeTerminal(80);
  const seen = () => terminal.paper.rows.join("\n");
  const exitCode = run(["chat", "lobby", "--line", "--guest"], { ...terminal.env, server });
  await vi.waitFor(() => expect(seen()).toContain("lobby › "));
  await hub.close();
  await vi.waitFor(() => expect(seen()).toContain("lobby (no connection) › "));
  await terminal.type("kept\r");
  await terminal.type("half");
  await vi.advanceTimersByTimeAsync(MINUTES_MS);
  expect(seen()).toMatch(/… kept\nlobby \(no connection\) … › half$/);
  await back.listen(Number(new URL(server).port));
  // In steps below a heartbeat: the server is real, and does not answer faster because the client's clock is put forward.
  const isBack = async () => {
    await vi.advanceTimersByTimeAsync(STEP_MS);
    expect(seen()).toMatch(/connected again[\s\S]*ada {2}kept #\d+\nlobby \S* › half$/);
  };
  await vi.waitFor(isBack, { timeout: 10_000 });
  await terminal.type("\u0003");
  expect(await exitCode).toBe(0);
}, 60_000);

test.each([
  [["chat"]],
  [["chat", "lobby"]],
  [["chat", "lobby", "--line"]],
  [["chat", "lobby", "--guest"]],
  [["chat", "lobby", "--line", "--guest"]],
])("%j without a server ends with 1, and says what was tried, who named it and what to do", async (argv) => {
  for (const isLoggedIn of [true, false]) {
    const configDir = await temporaryFolder();
    const terminal = new FakeTerminal(80);
    const login = new Credentials(new Profiles(configDir).folderOf(DEFAULT_PROFILE), NOWHERE);
    if (isLoggedIn) await login.save(toStoredTokens(TOKENS));
    for (const [serverFrom, named] of [
      ["", "the default"],
      ["HUBBUB_SERVER", "from HUBBUB_SERVER"],
    ] as const) {
      expect(await run(argv, { ...terminal.env, configDir, server: NOWHERE, serverFrom })).toBe(1);
      expect(String(terminal.env.stderr.read())).toMatch(
        new RegExp(
          `^hubbub: cannot reach ${NOWHERE} \\(${named}\\): nothing listens .*"npm start", .* --server URL\\.\n$`,
        ),
      );
    }
    expect(terminal.happened).toEqual([]);
  }
});

test("tail gives up after a minute without a server", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const { hub, exitCode, err } = await start("tail", "lobby", "--guest");
  await subscribed(hub);
  await hub.close();
  await vi.advanceTimersByTimeAsync(MINUTES_MS);
  expect(await exitCode).toBe(1);
  expect(err()).toContain("has been unavailable for 60 s");
}, 60_000);
