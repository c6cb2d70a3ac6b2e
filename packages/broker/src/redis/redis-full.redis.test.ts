import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { accept, message, open, openRoom, seqOf } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

test("G8 a Redis without memory is unavailable, forgets nothing, and takes the same event when it has room", async () => {
  const redis = await startOwnRedis(onTestFinished, "--maxmemory-policy", "noeviction");
  const broker = open(() => openOnRedis({ url: redis.url, acceptTimeoutMs: 300 }));
  const room = await openRoom(broker);
  const first = message(room, "first");
  expect((await accept(broker, first)).map(seqOf)).toEqual([1]);
  await redis.admin.config("SET", "maxmemory", "1");
  const second = message(room, "second");
  await expect(accept(broker, second)).rejects.toThrow(BrokerUnavailable);
  await redis.admin.config("SET", "maxmemory", "0");
  expect((await accept(broker, second, first)).map(seqOf)).toEqual([2, 1]);
  expect((await broker.tail(room, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
});
