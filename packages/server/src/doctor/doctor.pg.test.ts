import { readRedisFacts } from "@hubbub/broker";
import { createPostgresStore } from "@hubbub/store";
import { type PostgresService, query, startOwnRedis, startPostgres } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../settings.ts";
import { nodeFindings } from "./cluster-checks.ts";
import { diagnose } from "./doctor-command.ts";
import type { Finding, Level } from "./finding.ts";
import { postgresFindings } from "./postgres-checks.ts";
import { readPostgresFacts } from "./postgres-facts.ts";
import { tuningFindings } from "./postgres-tuning.ts";
import { redisFindings } from "./redis-checks.ts";

const settings = parseSettings({});
const levelOf = (findings: readonly Finding[], name: string): Level | undefined =>
  findings.find((one) => one.name === name)?.level;

let postgres: PostgresService;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const lookAtPostgres = async (of = settings): Promise<Finding[]> => {
  const facts = await readPostgresFacts(postgres.url, of);
  return [...postgresFindings(facts, of), ...tuningFindings(facts)];
};

test("doctor: every check of Redis is red with a wrong setting, and green with the right one", async () => {
  const redis = await startOwnRedis(onTestFinished, "--appendonly", "yes");
  const look = async () => redisFindings(await readRedisFacts(redis.url), settings);
  expect((await look()).filter(({ level }) => level !== "ok")).toEqual([]);
  const set = (name: string, value: string) => redis.admin.config("SET", name, value);
  const cases: readonly (readonly [check: string, setting: string, wrong: string, right: string])[] = [
    ["redis-eviction", "maxmemory-policy", "allkeys-lru", "noeviction"],
    ["redis-aof", "appendonly", "no", "yes"],
    ["redis-fsync", "appendfsync", "no", "everysec"],
    ["redis-maxmemory", "maxmemory", "1gb", "3584mb"],
    ["redis-maxmemory", "maxmemory", "0", "3584mb"],
    ["redis-memory", "maxmemory", "1mb", "3584mb"],
    ["redis-replicas", "min-replicas-to-write", "1", "0"],
    ["redis-spare-replica", "min-replicas-to-write", "1", "0"],
  ];
  for (const [check, name, wrong, right] of cases) {
    await set(name, wrong);
    const red = await look();
    await set(name, right);
    const green = await look();
    expect([check, levelOf(red, check), levelOf(green, check)]).toEqual([
      check,
      expect.stringMatching(/fault|warning/),
      "ok",
    ]);
  }
  await redis.admin.call("REPLICAOF", "127.0.0.1", "1");
  expect(levelOf(await look(), "redis-role")).toBe("fault");
  await redis.admin.call("REPLICAOF", "NO", "ONE");
  expect(levelOf(await look(), "redis-role")).toBe("ok");
});

test("doctor: keys that Redis evicted are a fault, and what a plain Redis user may not see is no fault", async () => {
  const redis = await startOwnRedis(onTestFinished, "--maxmemory-policy", "allkeys-lru", "--maxmemory", "3mb");
  const look = async (url = redis.url) => redisFindings(await readRedisFacts(url), settings);
  for (let at = 0; at < 40; at += 1) await redis.admin.set(`key-${at}`, "x".repeat(100_000));
  expect(levelOf(await look(), "redis-evicted")).toBe("fault");
  await redis.admin.config("RESETSTAT");
  expect(levelOf(await look(), "redis-evicted")).toBe("ok");
  await redis.admin.config("SET", "maxmemory", "100mb");
  const rights = "~hubbub* &hubbub* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting +info +time";
  await redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", ...rights.split(" "));
  const facts = await readRedisFacts(redis.url.replace("redis://", "redis://app:pw@"));
  expect(levelOf(redisFindings(facts, settings), "redis-fsync")).toBe("unknown");
  // It cannot see min-replicas-to-write either, only that two replicas are near enough.
  const replicas = { connected_slaves: "2", slave0: "lag=0", slave1: "lag=1", min_slaves_good_slaves: "2" };
  const info = new Map([...facts.info, ...Object.entries(replicas)]);
  expect(levelOf(redisFindings({ ...facts, info }, settings), "redis-spare-replica")).toBe("ok");
});

test("doctor: every check of Postgres is red with a wrong setting, and green with the right one", async () => {
  const set = async (name: string, value: string | null) => {
    const to = value === null ? `reset ${name}` : `set ${name} = '${value}'`;
    await query(postgres.url, `alter system ${to}`);
    await query(postgres.url, "select pg_reload_conf()");
    // A session reads its settings at its start, so once the server has them, each new one has.
    const text = "select count(*)::int as wrong from pg_file_settings where error is not null";
    expect(await query(postgres.url, text)).toEqual([{ wrong: 0 }]);
  };
  await query(postgres.url, "select pg_create_physical_replication_slot('receiver', true)");
  expect((await lookAtPostgres()).filter(({ level }) => level !== "ok").map(({ name }) => name)).toEqual([
    "postgres-checksums",
  ]);
  const cases: readonly (readonly [check: string, setting: string, wrong: string])[] = [
    ["postgres-fsync", "fsync", "off"],
    ["postgres-full-page-writes", "full_page_writes", "off"],
    ["postgres-synchronous-commit", "synchronous_commit", "off"],
    ["postgres-slot-bound", "max_slot_wal_keep_size", "-1"],
    ["postgres-max-wal-size", "max_wal_size", "64MB"],
    ["postgres-maintenance-work-mem", "maintenance_work_mem", "1MB"],
    ["postgres-idle-transactions", "idle_in_transaction_session_timeout", "0"],
    ["postgres-autovacuum", "autovacuum", "off"],
    ["postgres-synchronous", "synchronous_standby_names", "nobody"],
  ];
  for (const [check, name, wrong] of cases) {
    await set(name, wrong);
    await expect.poll(async () => levelOf(await lookAtPostgres(), check)).toMatch(/fault|warning/);
    await set(name, null);
    await expect.poll(async () => levelOf(await lookAtPostgres(), check)).toBe("ok");
  }
  const replica = parseSettings({ DURABLE: "replica" });
  expect(levelOf(await lookAtPostgres(replica), "postgres-durable")).toBe("fault");
  expect(levelOf(await lookAtPostgres(), "postgres-durable")).toBe("ok");
});

test("doctor: what a real Postgres cannot be brought to is judged from its facts", async () => {
  const facts = await readPostgresFacts(postgres.url, settings);
  const judge = (changed: object) => postgresFindings({ ...facts, ...changed }, settings);
  const slot = { name: "s", active: false, held: 2_000_000_000, status: "extended" };
  const standby = { name: "b", state: "streaming", sync: "sync", behind: 500_000_000 };
  const cases: readonly (readonly [check: string, changed: object])[] = [
    ["postgres-clock", { clockMs: facts.askedAtMs + 400, roundTripMs: 20 }],
    ["postgres-role", { isStandby: true }],
    ["postgres-checksum-failures", { checksumFailures: 1 }],
    ["postgres-slots", { slots: [slot] }],
    ["postgres-slots", { slots: [{ ...slot, active: true, status: "lost" }] }],
    ["postgres-standbys", { standbys: [standby] }],
    ["postgres-connections", { connections: 90 }],
    ["postgres-transaction-age", { transactionAge: 1_500_000_000 }],
  ];
  for (const [check, changed] of cases)
    expect([check, levelOf(judge(changed), check)]).toEqual([check, expect.stringMatching(/fault|warning/)]);
  const checked = new Map([...facts.settings, ["data_checksums", "on"]]);
  expect(
    levelOf(judge({ settings: checked, clockMs: facts.askedAtMs + 240, roundTripMs: 20 }), "postgres-checksums"),
  ).toBe("ok");
  expect(judge({ slots: [{ ...slot, active: true }] }).find(({ name }) => name === "postgres-slots")?.level).toBe("ok");
});

test("doctor: processes of two versions and a role without a spare are told, and a store out of reach is a fault", async () => {
  const url = await postgres.createDatabase("doctor");
  const nodes = async () => nodeFindings(await readPostgresFacts(url, settings));
  expect(levelOf(await nodes(), "schema")).toBe("fault");
  const store = createPostgresStore({ url, poolMax: 1, statementTimeoutMs: 20_000, applicationName: "test" });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await store.migrate();
  for (const name of ["a", "b"]) await store.nodes.renew({ name, roles: "gateway,api,writer", build: "1.0.0" });
  expect((await nodes()).filter(({ level }) => level !== "ok")).toEqual([]);
  await store.nodes.renew({ name: "b", roles: "gateway,api", build: "1.1.0" });
  expect(levelOf(await nodes(), "versions")).toBe("warning");
  expect(levelOf(await nodes(), "spare-processes")).toBe("warning");
  expect(levelOf(await nodes(), "drained-processes")).toBe("ok");
  await store.nodes.look("b", "far", { state: "drained", connections: 0, moving: 0 });
  expect(levelOf(await nodes(), "drained-processes")).toBe("warning");
  const away = parseSettings({ REDIS_URL: "redis://127.0.0.1:1", DATABASE_URL: "postgres://127.0.0.1:1/none" });
  const found = await diagnose(away, undefined);
  expect([levelOf(found, "redis-reach"), levelOf(found, "postgres-reach")]).toEqual(["fault", "fault"]);
});
