import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readSigningKeys, type SigningKeys } from "@hubbub/runtime";
import { expect, onTestFinished, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { query } from "../database.ts";
import { subscribe } from "../people.ts";
import { askRedis } from "../services/ask-redis.ts";
import { connectWs, type WsClient } from "../ws-client.ts";

/** TEST_LARGE=1 asks for the real size: it takes a core for half a minute. */
const isLarge = process.env["TEST_LARGE"] === "1";
const MEMBERS = 10_000;
const RECONNECTS = isLarge ? 2_000 : 400;
const STORM_MS = isLarge ? 10_000 : 2_000;
/** A gateway tells the log of changed users in rounds, at most one in this time. */
const ROUND_MS = 100;
const USERS_OF_CALL = 200;
/** Of one call or round: who came, who went, and who has done something. */
const KINDS = 3;
/** Of one call: `multi`, `hset`, `pexpire`, `exec`. */
const COMMANDS = 4;

interface Member {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

/** A room of 10,000 members, by SQL, and the tokens of some of them. */
async function fill({ databaseUrl }: Cluster, keys: SigningKeys): Promise<{ room: string; members: Member[] }> {
  const room = randomUUID();
  await query(
    databaseUrl,
    "insert into hubbub.users (id, username) select gen_random_uuid(), 'user' || n from generate_series(1, $1::int) n",
    [MEMBERS],
  );
  await query(
    databaseUrl,
    "insert into hubbub.rooms (id, name, name_key, visibility, topic) values ($1, 'large', 'large', 'public', '')",
    [room],
  );
  const rows = (await query(
    databaseUrl,
    `with joined as (insert into hubbub.members (room_id, user_id, role) select $1, id, 'member' from hubbub.users)
     select id, username as name from hubbub.users limit $2`,
    [room, RECONNECTS + 1],
  )) as Omit<Member, "token">[];
  const sign = ({ id, name }: Omit<Member, "token">) => keys.sign({ sub: id, sid: randomUUID(), name }, 3_600);
  return { room, members: await Promise.all(rows.map(async (row) => ({ ...row, token: await sign(row) }))) };
}

/** Calls of each command that Redis has run. */
async function callsOf(redisUrl: string): Promise<Map<string, number>> {
  const lines = String(await askRedis(redisUrl, "INFO", "commandstats")).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  return new Map(Array.from(lines, ([, name = "", calls]) => [name, Number(calls)]));
}

test(`${RECONNECTS} of ${MEMBERS} members of a room reconnect in ${STORM_MS} ms: no frame for the others, few calls of Redis`, async () => {
  const cluster = await startCluster({ gateways: 1, writers: 1, env: { UNAUTHENTICATED_PER_ADDRESS: "10000" } });
  onTestFinished(() => cluster.stop());
  const keys = await readSigningKeys(join(cluster.directory, "keys.json"));
  const { room, members } = await fill(cluster, keys);
  const url = `ws://127.0.0.1:${cluster.gateways[0]?.port}/ws`;
  const come = async ({ token }: Member): Promise<WsClient> => {
    const ws = await connectWs(url);
    ws.send({ type: "hello", ref: 0, token });
    await ws.next("ready", 20_000);
    await subscribe(ws, room);
    return ws;
  };
  const [watching, ...crowd] = await Promise.all(members.map(come));
  if (watching === undefined) throw new Error("nobody came");
  await delay(2 * ROUND_MS);
  await askRedis(cluster.redis.url, "CONFIG", "RESETSTAT");
  const begun = performance.now();
  const back = await Promise.all(
    crowd.map(async (ws, at) => {
      await delay((at * STORM_MS) / RECONNECTS);
      ws.terminate();
      return come(members[at + 1] as Member);
    }),
  );
  await delay(2 * ROUND_MS);
  const ms = performance.now() - begun;
  const calls = await callsOf(cluster.redis.url);
  for (const ws of [watching, ...back]) {
    ws.send({ type: "ping", ref: 9 });
    expect(await ws.next()).toMatchObject({ type: "pong" });
  }
  const told = (calls.get("hset") ?? 0) + (calls.get("hdel") ?? 0);
  const all = [...calls.values()].reduce((sum, one) => sum + one, 0);
  const figures = Array.from(calls, ([name, count]) => `${name} ${count}`).join(", ");
  process.stdout.write(
    `${RECONNECTS} reconnects in ${Math.round(ms)} ms: ${all} commands, ${told} of presence (${figures})\n`,
  );
  expect(told).toBeGreaterThan(0);
  const bound = KINDS * (Math.ceil(ms / ROUND_MS) + Math.ceil((2 * RECONNECTS) / USERS_OF_CALL));
  expect(told).toBeLessThanOrEqual(bound);
  // Sessions and memberships are looked up for many connections at once; the writer and the lease go on.
  expect(all).toBeLessThanOrEqual(2 * RECONNECTS + COMMANDS * bound);
}, 120_000);
