import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { eventually } from "../eventually.ts";
import { Person, type Position, publish, subscribe, tryPublish } from "../people.ts";
import { askRedis } from "../services/ask-redis.ts";
import { run } from "../services/run.ts";
import type { WsClient } from "../ws-client.ts";

const SHARDS = 4;
/** Fewer entries than are said behind the copy. */
const LOG_SHORT = 20;
const BILLION = 1_000_000_000;
const slow = { timeoutMs: 30_000 };

let cluster: Cluster;
beforeAll(async () => {
  // The log forgets at once what is committed: a copy of Postgres is soon older than it remembers.
  const env = { REPLAY_WINDOW_MS: "0", WRITER_LEASE_MS: "1500", SHARDS: `${SHARDS}` };
  cluster = await startCluster({ gateways: 2, writers: 2, env });
}, 120_000);
afterAll(() => cluster?.[Symbol.asyncDispose]());

/** Every number that anybody was told, over all lives, with the event that it stood for. */
const numbers = new Map<string, string>();

async function say(ws: WsClient, room: string, count: number): Promise<Position & { ids: string[] }> {
  let at: Position = { seq: 0, epoch: 0 };
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = randomUUID();
    const ack = await publish(ws, room, "said", id);
    at = { seq: Number(ack["seq"]), epoch: Number(ack["epoch"]) };
    const number = `${room}:${at.epoch}:${at.seq}`;
    expect(numbers.get(number) ?? id).toBe(id);
    numbers.set(number, id);
    ids.push(id);
  }
  return { ...at, ids };
}

async function stored(ids: readonly string[]): Promise<number> {
  const rows = await query(cluster.databaseUrl, "select 1 from hubbub.events where event_id = any($1)", [ids]);
  return rows.length;
}

function placeOf({ seq, epoch }: Position): Position {
  return { seq, epoch };
}

/** Most of what is committed is gone from the log. */
async function logIsTrimmed(): Promise<void> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const length = await askRedis(cluster.redis.url, "XLEN", `hubbub{s${shard}}:log`);
    if (Number(length) > LOG_SHORT) throw new Error(`shard ${shard} still has ${length} entries`);
  }
}

async function reasons(url: string): Promise<string> {
  return await (await fetch(`${url}/readyz`)).text();
}

test("G6 when Redis was killed, numbering restarts above the head that the epoch frame says", async () => {
  const ada = await Person.arrive(cluster.url);
  const { id: room } = await ada.createRoom();
  const listener = await ada.connect(cluster.wsUrl);
  await subscribe(listener, room);
  const before = await say(await ada.connect(cluster.wsUrl), room, 3);
  await cluster.redis.kill();
  await cluster.redis.restart();
  const next = await eventually(async () => say(await ada.connect(cluster.wsUrl), room, 1), slow);
  const news = await listener.next("epoch", slow.timeoutMs);
  expect(news).toMatchObject({ epoch: next.epoch });
  expect(next.seq).toBe(Number(news["head"]) + 1);
  // The other gateway may not have found its way back to Redis yet.
  const { resumed, missed } = await eventually(async () => {
    const ws = await ada.connect(cluster.wsUrl);
    return { resumed: ws, missed: (await subscribe(ws, room, placeOf(before))).missed };
  }, slow);
  expect(missed.map(({ seq }) => seq)).toEqual([next.seq]);
  expect(await resumed.next("epoch")).toMatchObject({ epoch: next.epoch, head: next.seq - 1 });
}, 120_000);

test("G2 G5 G6 Postgres is older than the log remembers: writers refuse, adopt keeps the log, all older cursors are told", async () => {
  const data = join(cluster.directory, "postgres", "data");
  const ada = await Person.arrive(cluster.url);
  const { id: room } = await ada.createRoom();
  const ws = await ada.connect(cluster.wsUrl);
  const early = await say(ws, room, 5);
  await eventually(async () => expect(await stored(early.ids)).toBe(5), slow);
  await cluster.postgres.pause();
  await run("cp", ["-a", data, `${data}-kept`]);
  await cluster.postgres.continue();
  const lost = await say(ws, room, 30);
  await eventually(async () => expect(await stored(lost.ids)).toBe(30), slow);
  await eventually(async () => {
    await say(ws, room, 1);
    await logIsTrimmed();
  }, slow);
  await cluster.postgres.kill();
  await run("rm", ["-rf", data]);
  await run("mv", [`${data}-kept`, data]);
  await cluster.postgres.restart();

  const refusal = "the database is older than the log remembers: run `hubbub adopt`";
  const red = () => Promise.all(cluster.writers.map(({ url }) => reasons(url)));
  await eventually(async () => expect((await red()).join()).toContain(refusal), slow);
  await expect(cluster.command("adopt")).rejects.toThrow("stop every process first");

  // Only the log has what is said now, and the gateways and the api are forgotten to be stopped.
  const inLog = await say(ws, room, 3);
  const restarts = cluster.gateways.map((gateway) => gateway.restarts);
  await Promise.all(cluster.writers.map((writer) => writer.hold()));
  const told = await eventually(() => cluster.command("adopt", "--keep-log", "--keep-sessions"), slow);
  expect(told).toMatch(/^generation 1: \d+ rooms are numbered anew, 0 sessions ended/);
  expect(told).toMatch(/[1-9]\d* events of the former log were offered again/);
  if (ws.isOpen)
    expect((await tryPublish(ws, room, "too late").catch(() => ({ type: "closed" }))).type).not.toBe("ack");
  await eventually(() => {
    for (const [at, gateway] of cluster.gateways.entries()) expect(gateway.restarts).toBeGreaterThan(restarts[at] ?? 0);
  }, slow);
  for (const writer of cluster.writers) writer.release();
  await cluster.ready(60_000);

  const now = await say(await ada.connect(cluster.wsUrl), room, 2);
  expect(now.seq).toBeGreaterThan(BILLION);
  const older = await ada.connect(cluster.wsUrl);
  const { subscribed } = await subscribe(older, room, placeOf(lost));
  expect(subscribed).toMatchObject({ epoch: now.epoch, head: now.seq, recovered: false });
  expect(await older.next("gap")).toMatchObject({ reason: "epoch" });
  await eventually(async () => expect(await stored([...early.ids, ...inLog.ids, ...now.ids])).toBe(10), slow);
  expect(await cluster.command("verify")).toContain("clean");
}, 180_000);
