import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { accept, message, open, openRoom } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

const ROOM_TO_FILL = 400_000;

test("G8 a full Redis refuses events, and what the writer commits makes room again", async () => {
  const redis = await startOwnRedis(onTestFinished, "--maxmemory-policy", "noeviction");
  const broker = open(() =>
    openOnRedis({
      url: redis.url,
      backlogMaxEvents: 1_000_000,
      acceptTimeoutMs: 300,
      replayMaxEvents: 0,
      tailEvents: 1,
    }),
  );
  const room = await openRoom(broker);
  const used = Number(/used_memory:(\d+)/.exec(await redis.admin.info("memory"))?.[1]);
  await redis.admin.config("SET", "maxmemory", used + ROOM_TO_FILL);
  const fill = async () => {
    for (;;) await accept(broker, message(room, "x".repeat(2_000)));
  };
  await expect(fill()).rejects.toBeInstanceOf(BrokerUnavailable);
  await using log = await broker.openLog(0);
  const entries = await log.read("", 10_000, 0);
  const last = entries.at(-1);
  if (last === undefined) throw new Error("nothing was accepted");
  await broker.publishMarks(0, [{ room, seq: entries.length }]);
  await log.trim(last.offset);
  expect(await log.lag(last.offset)).toBe(0);
  await vi.waitFor(() => accept(broker, message(room, "there is room again")));
});

test("G8 of what is committed the log keeps no more than its bound, and all of what is not", async () => {
  const broker = open(() => openOnRedis({ replayWindowMs: 600_000, replayMaxEvents: 200, backlogMaxEvents: 10_000 }));
  const room = await openRoom(broker);
  for (let batch = 0; batch < 20; batch += 1) {
    await accept(broker, ...Array.from({ length: 100 }, () => message(room, "x")));
  }
  await using log = await broker.openLog(0);
  const all = await log.read("", 10_000, 0);
  await log.trim(all[1_499]?.offset ?? "");
  const kept = await log.read("", 10_000, 0);
  expect(kept.slice(-500)).toEqual(all.slice(1_500));
  expect(kept.length).toBeLessThan(500 + 200 + 200);
});
