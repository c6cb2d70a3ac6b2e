import { expect, test } from "vitest";
import { startOwnRedis } from "./own-redis.ts";
import { checkRedis, LogRefused } from "./start-check.ts";

const withUser = (url: string, user: string) => url.replace("redis://", `redis://${user}@`);

test("a Redis that serves all commands is taken, and nothing stays behind", async () => {
  const redis = await startOwnRedis();
  await checkRedis(redis.url, "hubbub");
  await expect.poll(() => redis.admin.dbsize(), { timeout: 10_000 }).toBe(0);
});

test("a wrong password is refused in one sentence", async () => {
  const redis = await startOwnRedis();
  await redis.admin.call("ACL", "SETUSER", "default", "resetpass", ">right");
  await expect(checkRedis(withUser(redis.url, ":wrong"), "hubbub")).rejects.toThrow(LogRefused);
  await expect(checkRedis(redis.url, "hubbub")).rejects.toThrow("refuses the user name or the password");
  await checkRedis(withUser(redis.url, ":right"), "hubbub");
});

test("a user that lacks commands, keys or channels is refused with what it lacks", async () => {
  const redis = await startOwnRedis();
  const user = (...rules: string[]) => redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", ...rules);
  await user("~hubbub*", "&hubbub*", "+@all", "-@dangerous");
  await expect(checkRedis(withUser(redis.url, "app:pw"), "hubbub")).rejects.toThrow("may not use info on keys");
  await user("+info", "-publish");
  await expect(checkRedis(withUser(redis.url, "app:pw"), "hubbub")).rejects.toThrow("may not use publish on keys");
  await user("+publish");
  await checkRedis(withUser(redis.url, "app:pw"), "hubbub");
  await expect(checkRedis(withUser(redis.url, "app:pw"), "other")).rejects.toThrow("channels that begin with other");
});

test("the rights that docs/operations.md lists are enough", async () => {
  const redis = await startOwnRedis();
  const rules =
    "~hubbub* &hubbub* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting +info +time".split(" ");
  await redis.admin.call("ACL", "SETUSER", "app", "on", ">pw", ...rules);
  await checkRedis(withUser(redis.url, "app:pw"), "hubbub");
});

test("a Redis that is away is no reason to refuse: the broker waits for it", async () => {
  await checkRedis("redis://127.0.0.1:1", "hubbub");
});
