import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Embedded, startEmbedded } from "./embedded.ts";
import { packApp, runExample, startBot } from "./packed-app.ts";
import { repositoryRoot } from "./paths.ts";

const run = promisify(execFile);

let app: string;
let server: Embedded;
beforeAll(async () => {
  app = await packApp();
  // Slow limits, as they are set for strangers: the client has to keep to them by itself.
  server = await startEmbedded({
    PUBLISHES_PER_SECOND: "20",
    FRAMES_PER_SECOND: "40",
    // Changes of memberships cost ten messages each, and a script makes them without a pause.
    PUBLISHES_PER_SECOND_PER_USER: "1000",
  });
}, 240_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(app, { recursive: true, force: true });
});

const START = `import { createClient, HubbubAccount, HubbubHttp } from "@hubbub/client";
const url = process.env.URL;
const client = createClient({ url, tokens: await new HubbubHttp({ url }).guest() });
await client.connect();
const makeRoom = async (name) => (await client.http.createRoom({ name, visibility: "public" })).id;
`;

async function runScript(name: string, script: string): Promise<string> {
  await writeFile(join(app, name), script);
  const { stdout } = await run(process.execPath, [name], {
    cwd: app,
    env: { PATH: process.env["PATH"], URL: server.url },
    timeout: 100_000,
  });
  return stdout;
}

async function readmeSnippet(): Promise<string> {
  const readme = await readFile(join(repositoryRoot, "README.md"), "utf8");
  const snippet = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(snippet).toContain("@hubbub/client");
  return snippet.replace(/"http:\/\/127\.0\.0\.1:\d+"/, JSON.stringify(server.url));
}

test("the packed client carries its license and no tests, and the snippet of the README runs with it", async () => {
  for (const name of ["protocol", "client", "cli"]) {
    const { stdout } = await run("find", [join(app, "node_modules", "@hubbub", name), "-name", "*.test.*"]);
    expect(stdout).toBe("");
    const license = await readFile(join(app, "node_modules", "@hubbub", name, "LICENSE"), "utf8");
    expect(license).toBe(await readFile(join(repositoryRoot, "LICENSE"), "utf8"));
  }
  expect(await runScript("snippet.mjs", await readmeSnippet())).toContain('text: "hello"'.replaceAll('"', "'"));
});

const EXAMPLES = ["bots/new-bot.ts", "bots/echo-bot.ts", "bots/moderation-bot.ts", "bots/bridge.ts", "react/main.tsx"];
const DOCUMENTS = ["README.md", "packages/client/README.md", "docs/from-socket-io.md", "docs/from-centrifugo.md"];

test.each([
  ["TypeScript 7", "node_modules", "node16", "node16"],
  ["TypeScript 7", "node_modules", "esnext", "bundler"],
  ["TypeScript 6", "packages/client/node_modules", "node16", "node16"],
  ["TypeScript 6", "packages/client/node_modules", "esnext", "bundler"],
])(
  "examples and documents compile with the packed client for %s (%s), module %s, found as %s",
  async (_name, place, module, moduleResolution) => {
    const files: string[] = EXAMPLES.map((path) => path.replace("/", "-"));
    for (const [at, path] of EXAMPLES.entries()) {
      await copyFile(join(repositoryRoot, "examples", path), join(app, files[at] ?? ""));
    }
    for (const [at, path] of DOCUMENTS.entries()) {
      const text = await readFile(join(repositoryRoot, path), "utf8");
      files.push(`document-${at}.ts`);
      await writeFile(join(app, `document-${at}.ts`), /```ts\n(.*?)```/s.exec(text)?.[1] ?? "no snippet");
    }
    const found = { target: "es2022", module, moduleResolution, lib: ["es2022", "dom"], types: ["node"] };
    // The older compiler takes five times as long for the libraries of the platform: it checks the use only.
    const skipLibCheck = place !== "node_modules";
    const strict = { strict: true, skipLibCheck, noEmit: true, jsx: "react-jsx" };
    await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...found, ...strict }, files }));
    await run(join(repositoryRoot, place, ".bin", "tsc"), ["-p", app]);
  },
  240_000,
);

test("the packed client bundles for browsers without a part of Node, and for Node", async () => {
  await writeFile(join(app, "bundled.ts"), await readmeSnippet());
  const options = { entryPoints: [join(app, "bundled.ts")], bundle: true, format: "esm" as const };
  const browser = await build({ ...options, write: false, platform: "browser", target: "es2022" });
  expect(browser.outputFiles[0]?.text).not.toMatch(/from "(node:|ws")/);
  const node = await build({ ...options, write: false, platform: "node", external: ["ws"] });
  expect(node.outputFiles).toHaveLength(1);
});

/** The one that vitest brings. */
function viteCommand(): string {
  const vitest = createRequire(import.meta.url).resolve("vitest/package.json");
  return join(dirname(createRequire(vitest).resolve("vite/package.json")), "bin", "vite.js");
}

test("the packed client builds with vite, without a part of Node", async () => {
  const site = join(app, "site");
  await mkdir(site);
  await writeFile(join(site, "index.html"), `<script type="module" src="./main.ts"></script>`);
  await writeFile(join(site, "main.ts"), await readmeSnippet());
  const options = ["--target", "es2022", "--logLevel", "warn"];
  const { stdout, stderr } = await run(process.execPath, [viteCommand(), "build", ...options], { cwd: site });
  expect(stdout + stderr).toBe("");
  const assets = join(site, "dist", "assets");
  const [script = "", ...others] = await readdir(assets);
  expect(others).toEqual([]);
  const text = await readFile(join(assets, script), "utf8");
  expect(text).toContain("hubbub.v1");
  expect(text).not.toMatch(/from ?"(node:|ws")|__vite-browser-external/);
});

test("the packed command answers, and names what it needs for operators", async () => {
  const command = join(app, "node_modules", "@hubbub", "cli", "bin", "hubbub.js");
  expect((await run(process.execPath, [command, "--help"])).stdout).toContain("chat");
  await expect(run(process.execPath, [command, "verify"])).rejects.toMatchObject({
    stderr: expect.stringContaining("@hubbub/server"),
  });
});

test("G1 120 publishes at once keep their order against a limit of 20 a second", async () => {
  const out = await runScript(
    "order.mjs",
    `${START}
const room = client.room(await makeRoom("order"));
const seen = [];
await room.subscribe({ onEvent: (event) => event.kind === "message" && seen.push(Number(event.text)) });
await Promise.all(Array.from({ length: 120 }, (_none, at) => room.publish(String(at))));
while (seen.length < 120) await new Promise((resolve) => setTimeout(resolve, 20));
console.log(JSON.stringify(seen));
await client.close();
`,
  );
  expect(JSON.parse(out)).toEqual(Array.from({ length: 120 }, (_none, at) => at));
});

test("a client with 100 rooms subscribes them at the pace of the frame limit, and is not thrown out", async () => {
  const out = await runScript(
    "rooms.mjs",
    `${START}
const ids = [];
for (let at = 0; at < 100; at += 1) ids.push(await makeRoom("room " + at));
let live = 0;
const listen = (id) => client.room(id).subscribe({ onEvent() {}, onLive: () => { live += 1; } });
await Promise.all(ids.map(listen));
console.log(JSON.stringify({ live, reconnects: client.stats.reconnects }));
await client.close();
`,
  );
  expect(JSON.parse(out)).toEqual({ live: 100, reconnects: 0 });
});

test("the packed client manages rooms, ways into them and the people in them", async () => {
  const out = await runScript(
    "people.mjs",
    `${START}
const enter = async () => {
  const tokens = await new HubbubHttp({ url }).guest();
  const http = createClient({ url, tokens }).http;
  return { http, account: new HubbubAccount(http), ...tokens.user };
};
const bob = await enter();
const { http } = client;
const refused = (call) => call.then(() => "done", (error) => error.code);
const id = await makeRoom("people");
const said = [];
const roles = async () => (await http.members(id)).members.map(({ role }) => role).sort().join();
const link = await http.invites.createLink(id, { uses: 1, role: "guest" });
said.push(await bob.http.invites.preview(link.code), (await http.invites.links(id)).length);
await bob.http.invites.useLink(link.code);
said.push(await roles(), await refused((await enter()).http.invites.useLink(link.code)));
await http.setRole(id, bob.id, "moderator");
said.push(await roles(), await refused(bob.http.rooms.archive(id)));
await http.setRole(id, bob.id, "member");
const say = (text) => bob.http.post(id, { id: text, text });
await http.moderation.mute(id, bob.id, 60);
said.push(await refused(say("muted")));
await http.moderation.unmute(id, bob.id);
await http.rooms.changeSettings(id, { permissions: { pin: "member" } });
await http.rooms.slowMode(id, 60);
said.push((await http.room(id)).settings, await refused(say("first")), await refused(say("second")));
await http.rooms.slowMode(id, 0);
await http.rooms.archive(id);
said.push((await http.room(id)).settings, await refused(say("archived")));
await http.rooms.unarchive(id);
await http.moderation.ban(id, bob.id, { reason: "rude" });
said.push((await http.moderation.bans(id)).bans.map(({ user, reason }) => user.id === bob.id && reason));
await http.moderation.unban(id, bob.id);
await http.invites.inviteUser(id, bob.username);
said.push((await bob.http.invites.invitations()).map(({ name }) => name));
await bob.http.invites.accept(id);
const { seq } = await say("rude");
said.push((await http.moderation.report(id, seq, { reason: "spam" })).state);
await bob.http.setStatus({ away: true, status: { text: "tea" } });
said.push((await http.presence([bob.id])).map(({ away, status }) => ({ away, status })));
const direct = await http.rooms.direct([bob.username]);
said.push(direct.visibility, (await bob.http.rooms.direct([client.state.user.username])).id === direct.id);
await bob.account.block(client.state.user.id);
said.push(await refused(http.post(direct.id, { id: "direct", text: "hello" })), (await bob.account.blocked()).length);
await bob.account.unblock(client.state.user.id);
said.push(await refused(http.post(direct.id, { id: "direct", text: "hello" })), (await bob.account.sessions()).length);
await http.rooms.change(id, { name: "renamed" });
said.push((await bob.http.room(id)).name);
await http.removeMember(id, bob.id);
await http.rooms.delete(id);
said.push(await refused(http.room(id)));
console.log(JSON.stringify(said));
await client.close();
`,
  );
  const settings = { permissions: { pin: "member" } };
  expect(JSON.parse(out)).toEqual([
    ...[{ name: "people", members: 1 }, 1, "guest,owner", "unknown_invite", "moderator,owner", "forbidden", "muted"],
    ...[{ slowModeSeconds: 60, ...settings }, "done", "slow_mode", { archived: true, ...settings }, "room_archived"],
    ...[["rude"], ["people"], "open", [{ away: true, status: { text: "tea" } }], "direct", true, "muted", 1, "done", 1],
    ...["renamed", "unknown_room"],
  ]);
});

test("the bots of the examples answer, carry and moderate", async () => {
  const printed = await runExample(app, "new-bot", { HUBBUB_URL: server.url, HUBBUB_ROOM_NAME: "left" });
  const bot = Object.fromEntries(
    printed
      .trim()
      .split(" ")
      .map((line) => line.split("=", 2)),
  );
  const script = `${START}console.log(await makeRoom("right"));\nawait client.close();\n`;
  const rooms = [bot["HUBBUB_ROOM"], (await runScript("bots-prepare.mjs", script)).trim()] as [string, string];
  const env = { ...bot, HUBBUB_OTHER_ROOM: rooms[1] };
  const stops = await Promise.all(["echo-bot", "bridge", "moderation-bot"].map((name) => startBot(app, name, env)));
  const out = await runScript(
    "bots-use.mjs",
    `${START}
const [left, right] = ${JSON.stringify(rooms)};
for (const id of [left, right]) await client.http.joinRoom(id);
const said = { [left]: [], [right]: [] };
const gone = [];
for (const id of [left, right]) await client.room(id).subscribe({
  onEvent: (event) => event.kind === "message" ? said[id].push(event.text) : event.kind === "delete" && gone.push(event.target),
});
await client.room(left).publish("!echo hello");
const { seq } = await client.room(left).publish("come to my Casino");
const until = async (isSo) => { while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20)); };
await until(() => said[left].includes("hello") && gone.includes(seq) && said[right].some((text) => text.endsWith("Casino")));
console.log(JSON.stringify(said));
await client.close();
`,
  );
  await Promise.all(stops.map((stop) => stop()));
  const said = JSON.parse(out) as Record<string, string[]>;
  expect(said[rooms[0]]?.toSorted()).toEqual(["!echo hello", "come to my Casino", "hello"]);
  expect(said[rooms[1]]?.map((text) => text.replace(/^\S+: /, ""))).toEqual(["!echo hello", "come to my Casino"]);
});
