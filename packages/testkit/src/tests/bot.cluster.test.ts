import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "../embedded.ts";
import { repositoryRoot } from "../paths.ts";
import { Person } from "../people.ts";
import { startTcpProxy } from "../services/tcp-proxy.ts";

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

/** `hubbub` in a terminal of its own. */
class Terminal {
  #seen = "";
  readonly #script: ChildProcess;

  constructor(env: NodeJS.ProcessEnv, ...argv: string[]) {
    const chat = [process.execPath, join(repositoryRoot, "packages/cli/bin/hubbub.js"), ...argv].join(" ");
    this.#script = spawn("script", ["-qfec", `sh -c 'echo "process $$;"; exec ${chat}'`, "/dev/null"], { env });
    this.#script.stdout?.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString();
    });
  }

  type(keys: string): void {
    this.#script.stdin?.write(keys);
  }

  sees(text: string): Promise<void> {
    return expect.poll(() => this.#seen, { timeout: ANSWERS_MS }).toContain(text);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#script, "exit");
    process.kill(Number(/process (\d+);/.exec(this.#seen)?.[1]), signal);
    await ended;
  }
}

test("G2 G3 a terminal that is killed by -9 before the ack sends at the next start, each message once", async () => {
  await using proxy = await startTcpProxy(Number(new URL(server.url).port));
  const asker = await Person.arrive(server.url);
  const { id } = await asker.createRoom();
  const config = join(app, "kate");
  const env = {
    ...{ PATH: process.env["PATH"], LANG: "C.UTF-8", TERM: "xterm", HUBBUB_PASSWORD: "a kettle for all tea" },
    ...{ HUBBUB_SERVER: `http://127.0.0.1:${proxy.port}`, XDG_CONFIG_HOME: config },
  };
  await run(process.execPath, [join(repositoryRoot, "packages/cli/bin/hubbub.js"), "signup", "kate"], { env });
  const texts = async () => {
    const { messages } = await asker.history(id);
    return messages.flatMap((event) => (event.kind === "message" ? [event.text] : []));
  };
  const unsent = async () => {
    const folder = join(config, "hubbub/profiles/default/unsent");
    const names = await readdir(folder, { recursive: true });
    const files = names.filter((name) => name.endsWith(".json")).map((name) => readFile(join(folder, name), "utf8"));
    return (await Promise.all(files)).join("");
  };

  const first = new Terminal(env, "chat", id);
  await first.sees("● connected");
  proxy.hold("down");
  first.type("taken, and the ack is lost\r");
  await expect.poll(texts, { timeout: ANSWERS_MS }).toEqual(["taken, and the ack is lost"]);
  await first.end("SIGKILL");
  proxy.heal();
  proxy.cut();

  const second = new Terminal(env, "chat", id, "--line");
  await second.sees(".usage shows the commands");
  await expect.poll(unsent, { timeout: ANSWERS_MS }).not.toContain("the ack is lost");
  proxy.sever();
  await second.sees("connection lost");
  second.type("typed while the gateway was away\r");
  await expect.poll(unsent, { timeout: ANSWERS_MS }).toContain("typed while the gateway was away");
  await second.end("SIGKILL");
  proxy.heal();

  const both = [new Terminal(env, "chat", id), new Terminal(env, "chat", id)];
  for (const terminal of both) await terminal.sees("typed while the gateway was away");
  const expected = ["taken, and the ack is lost", "typed while the gateway was away"];
  await expect.poll(texts, { timeout: ANSWERS_MS }).toEqual(expected);
  await expect.poll(unsent, { timeout: ANSWERS_MS }).not.toContain("away");
  for (const terminal of both) await terminal.end("SIGTERM");
  expect(await texts()).toEqual(expected);
  expect(await unsent()).toBe("");
});
