import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { closeGenerations, newestGeneration } from "./generations.ts";
import { checkRedis, LogRefused } from "./start-check.ts";

const withUser = (url: string, user: string) => url.replace("redis://", `redis://${user}@`);

test("a Redis that serves all commands is taken, and nothing stays behind", async () => {
  const redis = await startOwnRedis(onTestFinished);
  await checkRedis(redis.url, "hubbub", 0);
  await expect.poll(() => redis.admin.dbsize(), { timeout: 10_000 }).toBe(0);
});

test("a wrong password is refused in one sentence", async () => {
  const redis = await startOwnRedis(onTestFinished);
  await redis.admin.call("ACL", "SETUSER", "default", "resetpass", ">right");
  await expect(checkRedis(withUser(redis.url, ":wrong"), "hubbub", 0)).rejects.toThrow(LogRefused);
  await expect(checkRedis(redis.url, "hubbub", 0)).rejects.toThrow("refuses the user name or the password");
  await checkRedis(withUser(redis.url, ":right"), "hubbub", 0);
});

test("a user that lacks commands, keys or channels is refused with what it lacks", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const user = (...rules: string[]) => redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", ...rules);
  await user("~hubbub*", "&hubbub*", "+@all", "-@dangerous");
  await expect(checkRedis(withUser(redis.url, "app:pw"), "hubbub", 0)).rejects.toThrow("may not use info on keys");
  await user("+info", "-publish");
  await expect(checkRedis(withUser(redis.url, "app:pw"), "hubbub", 0)).rejects.toThrow("may not use publish on keys");
  await user("+publish");
  await checkRedis(withUser(redis.url, "app:pw"), "hubbub", 0);
  await expect(checkRedis(withUser(redis.url, "app:pw"), "other", 0)).rejects.toThrow("channels that begin with other");
});

test("the rights that docs/operations.md lists are enough", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const rules =
    "~hubbub* &hubbub* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting +info +time".split(" ");
  await redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", ...rules);
  await checkRedis(withUser(redis.url, "app:pw"), "hubbub", 0);
});

test("a Redis that is away is no reason to refuse: the broker waits for it", async () => {
  await checkRedis("redis://127.0.0.1:1", "hubbub", 0);
});

test("G6 a Redis that has met a later generation refuses a process of an older database, and says what to do", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const where = {
    url: redis.url,
    prefix: "hubbub",
    shards: 2,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  await closeGenerations(where, [0], 3);
  expect(await newestGeneration(where)).toBe(3);
  await expect(checkRedis(redis.url, "hubbub", 2)).rejects.toThrow(LogRefused);
  await expect(checkRedis(redis.url, "hubbub", 2)).rejects.toThrow("run `hubbub adopt`");
  await checkRedis(redis.url, "hubbub", 3);
});
