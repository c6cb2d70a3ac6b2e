import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openOnRedis } from "../../test/redis-broker.ts";

const RECONNECTS = 5;

test("a Redis that refuses for good is asked at most about once a second, and is not logged each time", async () => {
  const redis = await startOwnRedis(onTestFinished);
  await redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-info");
  const connections = async () => Number(/total_connections_received:(\d+)/.exec(await redis.admin.info("stats"))?.[1]);
  const warnings: string[] = [];
  const log = {
    info: () => undefined,
    warn: (_fields: object, message: string) => warnings.push(message),
    error: () => undefined,
  };
  const before = await connections();
  const startedAt = performance.now();
  const broker = openOnRedis({ url: redis.url.replace("redis://", "redis://app:pw@"), log });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  broker.ping().catch(() => undefined);
  await expect.poll(connections, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + RECONNECTS);
  // One connection at the start, then one for each delay of a second.
  expect(performance.now() - startedAt).toBeGreaterThan((RECONNECTS - 2) * 900);
  expect(warnings.filter((message) => message === "redis run id not read").length).toBeLessThanOrEqual(2);
});
