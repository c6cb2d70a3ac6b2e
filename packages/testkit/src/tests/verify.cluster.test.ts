import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { startEmbedded } from "../embedded.ts";
import { eventually } from "../eventually.ts";
import { repositoryRoot } from "../paths.ts";
import { Person, tryPublish } from "../people.ts";
import { askRedis } from "../services/ask-redis.ts";

const hubbub = join(repositoryRoot, "packages/cli/bin/hubbub.js");
const unhurried = {
  PUBLISHES_PER_SECOND: "10000",
  FRAMES_PER_SECOND: "10000",
  PUBLISHES_PER_SECOND_PER_USER: "100000",
  PUBLISHES_PER_SECOND_PER_ADDRESS: "100000",
};
const ROOMS = 4;
const SOME_EVENTS = 400;

interface Verdict {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** `hubbub verify`, as an operator calls it. */
const verify = (env: Readonly<Record<string, string>>, ...args: string[]) => run(env, "verify", ...args);

async function run(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Verdict> {
  const child = spawn(process.execPath, [hubbub, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    cwd: tmpdir(),
  });
  const heard = { out: "", error: "" };
  child.stdout.on("data", (chunk) => {
    heard.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    heard.error += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...heard };
}

/** Talks in rooms of its own until it is told to stop; answers how many acks there were. */
function startTalking(url: string, wsUrl: string) {
  const heard = { acks: 0, isOver: false };
  const talk = async (): Promise<void> => {
    const person = await Person.arrive(url);
    const { id } = await person.createRoom();
    const ws = await person.connect(wsUrl);
    for (let at = 0; !heard.isOver; at += 1) {
      const answer = await tryPublish(ws, id, `message ${at}`);
      if (answer.type === "ack") heard.acks += 1;
    }
    await ws.close();
  };
  const talking = Promise.all(Array.from({ length: ROOMS }, talk));
  return {
    acks: (more: number) => {
      const wanted = heard.acks + more;
      return eventually(() => expect(heard.acks).toBeGreaterThan(wanted), { timeoutMs: 30_000 });
    },
    async stop(): Promise<void> {
      heard.isOver = true;
      await talking;
    },
  };
}

/** A cluster of the testkit has no backups, and nothing else that will not hold. */
async function doctorFindsIt(env: Readonly<Record<string, string>>): Promise<void> {
  const { code, out, error } = await run(env, "doctor", "--json");
  const findings: readonly { name: string; level: string }[] = JSON.parse(out).findings;
  const faults = findings.filter(({ level }) => level === "fault").map(({ name }) => name);
  expect({ code, error, faults }).toEqual({ code: 1, error: "", faults: ["backup-targets"] });
  expect(findings.find(({ name }) => name === "versions")?.level).toBe("ok");
  expect(await run({ ...env, SHARDS: "many" }, "doctor")).toMatchObject({ code: 2, out: "" });
  expect(await run(env, "audit-config", "--json")).toMatchObject({ code: 1, error: "" });
}

test("hubbub verify finds a live cluster clean, under load and behind a lost Redis, and a row that is missing", async () => {
  const cluster = await startCluster({ gateways: 2, writers: 2, env: unhurried });
  onTestFinished(() => cluster.stop());
  const env = { REDIS_URL: cluster.redis.url, DATABASE_URL: cluster.databaseUrl };
  await doctorFindsIt(env);
  const talk = startTalking(cluster.url, cluster.wsUrl);
  await talk.acks(SOME_EVENTS);
  const live = await verify(env, "--json");
  expect(live.error).not.toContain("Error");
  expect({ code: live.code, ...JSON.parse(live.out) }).toMatchObject({ code: 0, clean: true, faults: {} });
  expect(JSON.parse(live.out).looked.rows).toBeGreaterThan(SOME_EVENTS / 2);

  await askRedis(cluster.redis.url, "FLUSHALL");
  await talk.acks(SOME_EVENTS);
  const recovered = await verify(env);
  await talk.stop();
  expect(recovered.out).toMatch(/\nclean(; [\d,]+ seqs cannot be judged .*)?\n$/);
  expect(recovered.code).toBe(0);

  const oneOfOneRoom = "select room_id, max(seq) - 3 from hubbub.events group by room_id limit 1";
  await query(env.DATABASE_URL, `delete from hubbub.events where (room_id, seq) = (${oneOfOneRoom})`);
  const broken = await verify(env);
  expect(broken.out).toMatch(/ hole {2,}room [0-9a-f-]{36}: \d+\n(.*\n)*not clean: hole(;.*)?\n$/);
  expect(broken.code).toBe(1);

  const mistaken = await verify({ ...env, SHARDS: "3" });
  expect(mistaken).toMatchObject({ code: 2, out: "", error: expect.stringContaining("SHARDS is 3 here") });
  const blind = await verify({ ...env, REDIS_URL: "redis://127.0.0.1:1" });
  expect(blind).toMatchObject({ code: 2, out: "", error: expect.stringContaining("REDIS_URL") });
});

test("hubbub verify checks the data of an embedded server that is stopped, and leaves a running one alone", async () => {
  const server = await startEmbedded(unhurried);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const talk = startTalking(server.url, server.wsUrl);
  await talk.acks(50);
  await talk.stop();
  await server.kill("SIGKILL");
  await server.restart();
  const again = startTalking(server.url, server.wsUrl);
  await again.acks(50);
  await again.stop();
  const env = { DATA_DIR: server.directory };
  expect(await verify(env)).toMatchObject({ code: 2, out: "", error: expect.stringContaining("in use") });
  await server.kill("SIGTERM");
  const verdict = await verify(env, "--json");
  expect({ code: verdict.code, ...JSON.parse(verdict.out) }).toMatchObject({ code: 0, clean: true, redis: false });
  expect(JSON.parse(verdict.out).looked).toMatchObject({ rooms: 2 * ROOMS });
});
