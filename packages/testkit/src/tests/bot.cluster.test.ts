import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { repositoryRoot } from "../paths.ts";
import { Person } from "../people.ts";

const run = promisify(execFile);

/** Scripts and logins of the bots. */
let app: string;
let server: Embedded;
beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), "hubbub-bots-"));
  server = await startEmbedded();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(app, { recursive: true, force: true });
});

const ANSWERS_MS = 60_000;
const QUESTIONS = 20;
/** Slow enough to be killed in the middle. */
const SCRIPT = `#!/usr/bin/env node
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const event = JSON.parse(line);
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (event.kind === "message") console.log("re: " + event.text);
  if (!process.argv.includes("each")) console.log();
}
`;

test.each([[[]], [["each", "--each"]]])(
  "G2 G3 a bot that is killed by -9 again and again answers each message once: %j",
  async (more) => {
    const command = join(repositoryRoot, "packages/cli/bin/hubbub.js");
    const script = join(app, "bot.mjs");
    await writeFile(script, SCRIPT, { mode: 0o700 });
    const asker = await Person.arrive(server.url);
    const { id } = await asker.createRoom();
    const name = `robot-${more.length}`;
    const env = {
      ...{ PATH: process.env["PATH"], HUBBUB_SERVER: server.url, HUBBUB_PASSWORD: "oil for all joints" },
      XDG_CONFIG_HOME: join(app, name),
    };
    await run(process.execPath, [command, "signup", name], { env });
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [command, "bot", script, "--room", id, ...more], { env });
      await once(child.stderr, "data");
      return child;
    };
    const answers = async () => {
      const { messages } = await asker.history(id);
      return messages.flatMap((event) =>
        event.kind === "message" && event.text.startsWith("re:") ? [event.text] : [],
      );
    };
    let bot = await start();
    for (let at = 0; at < QUESTIONS; at += 1) {
      await asker.post(`/rooms/${id}/messages`, { id: `question-${at}`, text: `question ${at}` });
      await sleep(100);
      if (at % 10 === 5) {
        const ended = once(bot, "exit");
        bot.kill("SIGKILL");
        await ended;
      }
      if (at % 10 === 8) bot = await start();
    }
    const expected = Array.from({ length: QUESTIONS }, (_none, at) => `re: question ${at}`);
    await expect.poll(answers, { timeout: ANSWERS_MS }).toEqual(expect.arrayContaining(expected));
    const ended = once(bot, "exit");
    bot.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect((await answers()).sort()).toEqual(expected.sort());
  },
);
