import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { askRedis } from "./ask-redis.ts";
import { type RedisService, startRedis } from "./redis.ts";

let redis: RedisService;
let client: Redis;

beforeEach(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
  client.on("error", () => undefined);
});

afterEach(async () => {
  client.disconnect();
  await redis.stop();
});

test("a restarted Redis is at the same URL with the same data", async () => {
  const { url, pid } = redis;
  await client.set("kept", "yes");
  await redis.restart();
  expect(redis.url).toBe(url);
  expect(redis.pid).not.toBe(pid);
  expect(await client.get("kept")).toBe("yes");
});

test("a killed Redis can be started again", async () => {
  await redis.kill();
  await redis.restart();
  expect(await client.ping()).toBe("PONG");
});

test("a paused Redis keeps connections and answers when it continues", async () => {
  await client.ping();
  await redis.pause();
  const answer = client.ping();
  const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, "silent"))]);
  expect(early).toBe("silent");
  await redis.continue();
  expect(await answer).toBe("PONG");
});

test("a full Redis refuses instead of forgetting, and the log is on disk", async () => {
  const config = Object.fromEntries(
    await Promise.all(["maxmemory-policy", "appendonly", "appendfsync"].map((key) => client.config("GET", key))),
  );
  expect(config).toEqual({ "maxmemory-policy": "noeviction", appendonly: "yes", appendfsync: "everysec" });
});

test("a port that somebody else has is refused by name", async () => {
  await expect(startRedis({ port: redis.port })).rejects.toThrow(`port ${redis.port} for Redis is taken`);
});

test("the run's own Redis answers", async () => {
  const shared = new Redis(inject("redisUrl"));
  expect(await shared.ping()).toBe("PONG");
  shared.disconnect();
});

test("a Redis with a password answers nobody without it, and its files are for one account", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-secret-redis-"));
  const secret = await startRedis({ directory: join(directory, "redis"), password: "let-me-in" });
  try {
    await expect(askRedis(secret.port, "GET", "x")).rejects.toThrow("NOAUTH");
    expect(await askRedis(secret.url, "SET", "x", "1")).toBe("OK");
    await secret.restart();
    expect(await askRedis(secret.url, "GET", "x")).toBe("1");
    expect((await stat(join(directory, "redis"))).mode & 0o077).toBe(0);
    expect((await stat(join(directory, "redis", "redis.conf"))).mode & 0o077).toBe(0);
  } finally {
    await secret.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
