import { type EventId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import { shardOf } from "../shard-of.ts";
import { closeGenerations, newestGeneration } from "./generations.ts";
import { createRedisBroker } from "./redis-broker.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("G2 G6 what runs on in a closed generation is told no ack, and the next generation accepts", async () => {
  const redis = await startOwnRedis(onTestFinished);
  const where = { url: redis.url, prefix: "closed", shards: 2, log };
  const open = (generation: number) => {
    const broker = createRedisBroker({ ...where, generation, backlogMaxEvents: 100, acceptTimeoutMs: 200 });
    onTestFinished(() => broker[Symbol.asyncDispose]());
    return broker;
  };
  const room = newId<RoomId>();
  const shard = shardOf(room, where.shards);
  const accept = async (broker: ReturnType<typeof open>) => {
    const event = { room, user: newId<UserId>(), id: newId<EventId>(), body: ',"kind":"message"}', seen: 0 };
    return (await broker.accept(shard, [event]))[0]?.state;
  };
  const [former, next] = [open(0), open(1)];
  await former.initialise(room, { epoch: 1, head: 0 });
  expect(await accept(former)).toBe("accepted");
  await closeGenerations(where, [0], 1);
  await expect(accept(former)).rejects.toThrow(BrokerUnavailable);
  await next.initialise(room, { epoch: 2, head: 100 });
  expect(await accept(next)).toBe("accepted");
  expect(await newestGeneration(where)).toBe(1);
});
