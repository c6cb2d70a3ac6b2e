import type { RoomId } from "@hubbub/protocol";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test } from "vitest";
import { accept, message, open, openRoom, record, SHARDS, seqOf } from "../../test/fixture.ts";
import { openOnRedis } from "../../test/redis-broker.ts";
import { createKeys } from "../keys.ts";
import type { Broker } from "../roles/broker.ts";
import type { LogEntry, ShardLog } from "../roles/shard-logs.ts";
import type { RedisBrokerOptions } from "./redis-broker.ts";

/** Log and tail keep several events in an entry: below the most of either, at it, and far above it. */
const BATCHES = [1, 16, 3, 32, 1, 33, 100, 2];
const ALL = BATCHES.reduce((sum, size) => sum + size, 0);

async function openFilled(options: Partial<RedisBrokerOptions> = {}): Promise<{ broker: Broker; room: RoomId }> {
  const broker = open(() => openOnRedis({ backlogMaxEvents: 10_000, ...options }));
  const room = await openRoom(broker);
  for (const size of BATCHES) {
    await accept(broker, ...Array.from({ length: size }, (_none, at) => message(room, `${at}`)));
  }
  return { broker, room };
}

async function readAll(log: ShardLog, page: number): Promise<LogEntry[]> {
  const read: LogEntry[] = [];
  for (;;) {
    const some = await log.read(read.at(-1)?.offset ?? "", page, 0);
    expect(some.length).toBeLessThanOrEqual(page);
    read.push(...some);
    if (some.length === 0) return read;
  }
}

const seqsOf = (entries: readonly LogEntry[]) => entries.map(({ frame }) => JSON.parse(frame).seq as number);
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_none, at) => from + at);

test.each([1, 7, 32, 500])(
  "G2 the log gives every event once, in pages of %i, whatever entries they are in",
  async (page) => {
    const { broker } = await openFilled();
    await using log = await broker.openLog(0);
    const entries = await readAll(log, page);
    expect(seqsOf(entries)).toEqual(upTo(ALL));
    expect(new Set(entries.map(({ offset }) => offset)).size).toBe(ALL);
    expect(await log.lag(entries[39]?.offset ?? "")).toBe(ALL - 40);
    expect(await log.lag("")).toBe(ALL);
  },
);

test.each([1, 7, 16, 500])(
  "G5 a tail gives every event once, in pages of %i, whatever entries they are in",
  async (page) => {
    const { broker, room } = await openFilled();
    const seqs: number[] = [];
    for (let isMore = true; isMore; ) {
      const events = await broker.tail(room, seqs.at(-1) ?? 0, page);
      expect(events.length).toBeLessThanOrEqual(page);
      for (const { seq, frame } of events) expect(JSON.parse(frame.toString()).seq).toBe(seq);
      seqs.push(...events.map(({ seq }) => seq));
      isMore = events.length > 0;
    }
    expect(seqs).toEqual(upTo(ALL));
  },
);

test("G1 every event of a batch is delivered by itself", async () => {
  const broker = open(() => openOnRedis({ backlogMaxEvents: 10_000 }));
  const room = await openRoom(broker);
  const heard = record(broker);
  await broker.subscribe(room);
  await accept(broker, ...upTo(40).map((at) => message(room, `${at}`)));
  await expect.poll(() => heard.textsOf(room).map((text) => JSON.parse(text).seq)).toEqual(upTo(40));
});

test("G2 the log keeps committed events up to their bound, and everything else", async () => {
  const { broker } = await openFilled({ replayWindowMs: 600_000, replayMaxEvents: 50 });
  await using log = await broker.openLog(0);
  const entries = await readAll(log, 500);
  const committed = entries[149]?.offset ?? "";
  await log.trim(committed);
  const kept = seqsOf(await readAll(log, 500));
  expect(kept).toEqual(upTo(ALL, kept[0]));
  expect(kept[0]).toBeGreaterThan(1);
  expect(kept[0]).toBeLessThanOrEqual(101);
  expect(seqsOf(await log.read(committed, 500, 0))).toEqual(upTo(ALL, 151));
  expect(await log.lag("")).toBe(kept.length);
});

test("G3 an event is recognised for its time at least, and not without end", async () => {
  const prefix = `test:${crypto.randomUUID()}:`;
  const broker = open(() => openOnRedis({ prefix, backlogMaxEvents: 10_000 }));
  const redis = new Redis(inject("redisUrl"), { protocol: 2 });
  onTestFinished(() => redis.disconnect());
  const room = await openRoom(broker);
  const request = message(room, "a");
  await accept(broker, request);
  const { counters, dedupeBuckets } = createKeys(prefix, SHARDS);
  const pass = (seconds: number) => redis.hincrby(counters(0), "ms", seconds * 1_000);
  const states = async () => (await accept(broker, request)).map(({ state }) => state);
  await pass(600);
  expect(await states()).toEqual(["duplicate"]);
  await pass(1_200);
  expect(await states()).toEqual(["accepted"]);
  for (const ttl of await Promise.all(dedupeBuckets(0).map((bucket) => redis.ttl(bucket)))) {
    expect(ttl).toBeLessThanOrEqual(1_200);
    expect(ttl).not.toBe(-1);
  }
});

test("G6 a batch that is too large for the script is refused before anything is written", async () => {
  const broker = open(() => openOnRedis({ backlogMaxEvents: 10_000 }));
  const room = await openRoom(broker);
  const batch = upTo(2_000).map((at) => message(room, `${at}`));
  await expect(accept(broker, ...batch, message(room, "one more"))).rejects.toThrow(RangeError);
  await using log = await broker.openLog(0);
  expect(await log.lag("")).toBe(0);
  expect((await accept(broker, ...batch)).map(seqOf)).toEqual(upTo(2_000));
  expect(await log.lag("")).toBe(2_000);
});

test("G2 entries of builds that wrote no bytes are read and forgotten by their number", async () => {
  const prefix = `test:${crypto.randomUUID()}:`;
  const options = { prefix, replayWindowMs: 600_000, replayMaxEvents: 50 };
  const { broker, room } = await openFilled(options);
  const redis = new Redis(inject("redisUrl"), { protocol: 2 });
  onTestFinished(() => redis.disconnect());
  const { log: key } = createKeys(prefix, SHARDS);
  const entries = await redis.xrange(key(0), "-", "+");
  await redis.del(key(0));
  for (const [id, fields] of entries) await redis.xadd(key(0), id, ...fields.slice(0, fields.indexOf("b")));

  await using log = await broker.openLog(0);
  const before = await readAll(log, 500);
  expect(seqsOf(before)).toEqual(upTo(ALL));
  await log.trim(before[149]?.offset ?? "");
  const kept = seqsOf(await readAll(log, 500));
  expect(kept).toEqual(upTo(ALL, kept[0]));
  expect(kept[0]).toBeGreaterThan(1);

  await accept(broker, message(room, "later"));
  const after = await readAll(log, 500);
  await log.trim(after.at(-1)?.offset ?? "");
  expect(seqsOf(await readAll(log, 500)).at(-1)).toBe(ALL + 1);
});
