import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { BOB, FakeHub, REFUSED, TOKENS } from "../../test/fake-hub.ts";
import { type Started, startWith, subscribed } from "../../test/start.ts";

const SCRIPT = `#!/bin/bash
while read -r line; do
  case "$line" in
    *crash*) exit 3 ;;
    *kind*) echo "answer"; echo '{"text":"more","replyTo":1}' ;;
  esac
  echo
done
`;

interface World {
  readonly folder: string;
  readonly script: string;
}

async function world(source = SCRIPT): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-bot-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "script");
  await writeFile(script, source, { mode: 0o700 });
  return { folder, script };
}

/** A bot in the lobby of a server with this past, when it hears the room. */
async function startBot({ folder, script }: World, past: FakeHub["log"] = [], ...more: string[]): Promise<Started> {
  const hub = new FakeHub();
  hub.log.push(...past);
  hub.replies["GET me"] = [{ status: 200, body: { user: TOKENS.user, sessionId: "s" } }];
  const argv = ["bot", script, "--room", "lobby", ...more];
  const started = await startWith({ hub, configDir: folder, isLoggedIn: true }, argv);
  await subscribed(hub);
  return started;
}

async function end({ interrupt, exitCode, err }: Started): Promise<void> {
  interrupt();
  expect(await exitCode, err()).toBe(0);
}

const sentTo = (hub: FakeHub) => hub.received.filter(({ type }) => type === "publish");
const placeFile = async (folder: string) => {
  const bots = join(folder, "profiles", "default", "bots");
  const [name = ""] = await readdir(bots);
  return join(bots, name);
};

test("an answer that was given is not given again, however long ago the bot was killed before it kept its place", async () => {
  const here = await world();
  const first = await startBot(here);
  const file = await placeFile(here.folder);
  const before = await readFile(file, "utf8");
  first.hub.say("one");
  await vi.waitFor(() => expect(sentTo(first.hub)).toHaveLength(2));
  await vi.waitFor(async () => expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ seq: 3 }));
  await end(first);
  expect(sentTo(first.hub)).toMatchObject([{ text: "answer" }, { text: "more", replyTo: 1 }]);
  await writeFile(file, before);
  const again = await startBot(here, first.hub.log);
  again.hub.say("two");
  await vi.waitFor(() => expect(sentTo(again.hub)).toHaveLength(2));
  await end(again);
});

test("the bot answers neither itself nor, with --command, anything but messages that begin with the word", async () => {
  const here = await world();
  const started = await startBot(here, [], "--command", "/tea");
  for (const text of ["tea", "/teapot", "now /tea"]) started.hub.say(text);
  started.hub.say("/tea", TOKENS.user);
  started.hub.say("/tea green");
  await vi.waitFor(() => expect(sentTo(started.hub)).toHaveLength(2));
  expect(sentTo(started.hub)).toMatchObject([{ text: "answer" }, { text: "more" }]);
  await end(started);
});

test("an event at which the script crashes is left out after three attempts, and a refused answer is logged", async () => {
  const here = await world(SCRIPT.replace(`"answer"`, `"${REFUSED}"`));
  const started = await startBot(here);
  started.hub.say("crash");
  started.hub.say("fine", BOB);
  await vi.waitFor(() => expect(started.err()).toContain("#1 of lobby is left without an answer"), { timeout: 15_000 });
  expect(started.err()).toContain("attempt 3: ended with 3");
  expect(started.err()).toContain("an answer to #2 of lobby was refused");
  await end(started);
});

test.each([
  [["bot"], 2, "takes a SCRIPT"],
  [["bot", "x"], 2, "--room ROOM"],
  [["bot", "x", "--room", "a", "--parallel", "2"], 2, "goes with --each"],
  [["bot", "x", "--room", "a", "--each", "--parallel", "99"], 2, "1 to 32"],
  [["bot", "x", "--room", "a", "--timeout", "soon"], 2, "1 to 3600"],
  [["bot", "./nowhere", "--room", "a"], 1, "chmod +x"],
])("hubbub %j is refused", async (argv, code, said) => {
  const { exitCode, err } = await startWith({ hub: new FakeHub(), configDir: "/nowhere" }, argv);
  expect(await exitCode).toBe(code);
  expect(err()).toContain(said);
});
