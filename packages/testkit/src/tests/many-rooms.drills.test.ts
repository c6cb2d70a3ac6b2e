import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../embedded.ts";
import { repositoryRoot } from "../paths.ts";

const ROOMS = 190;

/** What the compose file allows a stranger's connection: the limits of its gateway. */
function composeLimits(): Record<string, string> {
  const compose = readFileSync(`${repositoryRoot}/docker-compose.yml`, "utf8");
  const gateway = compose.slice(compose.indexOf("      ROLES: gateway"), compose.indexOf("  api:\n"));
  const settings = Array.from(gateway.matchAll(/^ {6}([A-Z_]+(?:PER|MAX)[A-Z_]*): "(\d+)"$/gm));
  return Object.fromEntries(settings.map(([, name = "", value = ""]) => [name, value]));
}

/** Says `live` with its figures whenever all its rooms are live; `go` on its input begins to count anew. */
const CLIENT = `import { createClient, HubbubHttp } from "@hubbub/client";
import { createInterface } from "node:readline";
const url = process.env.URL;
const client = createClient({ url, tokens: await new HubbubHttp({ url }).guest() });
await client.connect();
let live = new Set(), since = performance.now();
for (let at = 0; at < ${ROOMS}; at += 1) {
  const { id } = await client.http.createRoom({ name: "room " + at, visibility: "private" });
  client.room(id).subscribe({ onEvent() {}, onLive() {
    live.add(id);
    if (live.size < ${ROOMS}) return;
    console.log(JSON.stringify({ reconnects: client.stats.reconnects, ms: Math.round(performance.now() - since) }));
  } });
}
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "close") return void client.close().then(() => process.exit());
  live = new Set();
});
const onState = () => { if (client.state.state === "ready" && client.stats.reconnects === 1) since = performance.now(); else setTimeout(onState, 10); };
onState();
`;

test("a client with 190 rooms has them all live again in one try, within the limits of the compose file", async () => {
  const limits = composeLimits();
  expect(limits).toMatchObject({ FRAMES_PER_SECOND: "20", SUBSCRIPTIONS_PER_CONNECTION: "1000" });
  await using server = await startEmbedded({ ...limits, ROOMS_PER_MINUTE_PER_USER: "1000" });
  const client = spawn(process.execPath, ["--input-type=module", "-e", CLIENT], {
    cwd: repositoryRoot,
    env: { PATH: process.env["PATH"], URL: server.url },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void client.kill());
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const allLive = async () => JSON.parse((await lines.next()).value ?? "null") as { reconnects: number; ms: number };

  expect(await allLive()).toMatchObject({ reconnects: 0 });
  client.stdin.write("again\n");
  await server.kill("SIGKILL");
  await server.restart();
  const { reconnects, ms } = await allLive();
  process.stdout.write(`${ROOMS} rooms live again ${(ms / 1_000).toFixed(1)} s after the connection was back\n`);
  expect(reconnects).toBe(1);
  client.stdin.write("close\n");
});
