import { EventEmitter } from "node:events";
import { newId, type RoomId } from "@hubbub/protocol";
import type { Redis } from "ioredis";
import { expect, onTestFinished, test, vi } from "vitest";
import { createKeys } from "../keys.ts";
import { Subscriber } from "./subscriber.ts";

const SHARDS = 4;
const keys = createKeys("test:", SHARDS);

/** A Redis that is there and refuses what it is asked as long as the test says. */
class BusyRedis extends EventEmitter {
  status = "ready";
  readonly channels = new Set<string>();
  refusals = 0;
  asked = 0;

  async subscribe(...channels: string[]): Promise<void> {
    await this.#answer();
    for (const channel of channels) this.channels.add(channel);
  }

  async unsubscribe(...channels: string[]): Promise<void> {
    await this.#answer();
    for (const channel of channels) this.channels.delete(channel);
  }

  disconnect(): void {
    this.emit("close");
  }

  async #answer(): Promise<void> {
    this.asked += 1;
    if (this.refusals-- > 0)
      throw Object.assign(new Error("BUSY Redis is busy running a script"), { name: "ReplyError" });
  }
}

function open() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const redis = new BusyRedis();
  const interrupted = vi.fn();
  const listener = { deliver: vi.fn(), control: vi.fn(), interrupted };
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const subscriber = new Subscriber(redis as unknown as Redis, keys, "probe", listener, log);
  const ready = async (refusals: number) => {
    redis.refusals = refusals;
    redis.emit("ready");
    await vi.advanceTimersByTimeAsync(1_000);
  };
  return { redis, subscriber, interrupted, ready };
}

const channelOf = (room: RoomId) => keys.channel(room);

test("G9 a subscription that Redis refused for the moment is asked for again", async () => {
  const { redis, subscriber, ready } = open();
  await ready(0);
  const room = newId<RoomId>();
  redis.refusals = 3;
  redis.asked = 0;
  const subscribed = subscriber.subscribe(room);
  await vi.advanceTimersByTimeAsync(1_000);
  await subscribed;
  expect(redis.channels).toContain(channelOf(room));
  expect(redis.asked).toBe(4);
});

test("G8 a room that Redis did not let go for the moment is left later, and can be joined again meanwhile", async () => {
  const { redis, subscriber, ready } = open();
  await ready(0);
  const [left, rejoined] = [newId<RoomId>(), newId<RoomId>()];
  await Promise.all([subscriber.subscribe(left), subscriber.subscribe(rejoined)]);
  redis.refusals = 3;
  const leaving = [subscriber.unsubscribe(left), subscriber.unsubscribe(rejoined)];
  await vi.advanceTimersByTimeAsync(150);
  const joining = subscriber.subscribe(rejoined);
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all([...leaving, joining]);
  expect(redis.channels).not.toContain(channelOf(left));
  expect(redis.channels).toContain(channelOf(rejoined));
  await expect(subscriber.unsubscribe(left)).rejects.toThrow("more often");
});

test("G9 a subscriber whose connection is back while Redis is busy comes back as well", async () => {
  const { redis, subscriber, interrupted, ready } = open();
  await ready(0);
  const room = newId<RoomId>();
  await subscriber.subscribe(room);
  redis.channels.clear();
  redis.emit("close");
  expect(subscriber.isOnline).toBe(false);
  await ready(4);
  expect(subscriber.isOnline).toBe(true);
  expect(redis.channels).toContain(channelOf(room));
  expect(interrupted).toHaveBeenCalledTimes(1);
});
