import { setTimeout as delay } from "node:timers/promises";
import { type Broker, BrokerUnavailable, type LogEntry, type ShardLog } from "@hubbub/broker";
import { type EventId, encodeEventHead, encodeMessageBody, newId, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { createLogger, createMetrics } from "@hubbub/runtime";
import type { Lease, Store } from "@hubbub/store";
import { test } from "vitest";
import { loop } from "./loop.ts";
import { createMeters } from "./meters.ts";
import { ShardWriter } from "./shard-writer.ts";

const room = newId<RoomId>();
const BY = '{"id":"u","username":"ada"}';
/** More than two batches of the 500 rows that a writer without a gathering time takes. */
const EVENTS = 1_300;
const entries: readonly LogEntry[] = Array.from({ length: EVENTS }, (_none, at) => ({
  offset: `new/${at + 1}`,
  frame: encodeEventHead(room, 2, at + 1, 1) + encodeMessageBody(BY, `e${at + 1}` as EventId, "x", undefined),
}));

/** Rejects the call with this number of one method, and counts the calls. */
type Faults = (method: string) => void;

function failAt(method: string, call: number, error: () => Error): Faults {
  let calls = 0;
  return (called) => {
    if (called === method && ++calls === call) throw error();
  };
}

/** A log that is not the one of the writer's position, and a store that keeps what it is given. */
function world(fault: Faults, missing = 0) {
  const rows: number[] = [];
  const marks: { readonly seq: number; readonly stored: number }[] = [];
  let offset = "old/7";
  const behind = (after: string) => entries.slice(entries.findIndex((entry) => entry.offset === after) + 1);
  const log: ShardLog = {
    async read(after, count, blockMs) {
      fault("read");
      // The log of a real shard waits for an entry here; without a turn of the event loop the test would see nothing.
      if (behind(after).length === 0) await delay(Math.min(blockMs, 20));
      return behind(after).slice(0, count);
    },
    async trim() {
      fault("trim");
    },
    async missing() {
      fault("missing");
      return missing;
    },
    async lag(after) {
      fault("lag");
      return behind(after).length;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const broker: Partial<Broker> = {
    async openLog() {
      fault("openLog");
      return log;
    },
    async logStart() {
      fault("logStart");
      return "new/0";
    },
    async heads(rooms) {
      fault("heads");
      return rooms.map(() => ({ epoch: 2, seq: EVENTS, durable: marks.at(-1)?.seq ?? 0 }));
    },
    async publishMarks(_shard, told) {
      fault("publishMarks");
      for (const { seq } of told) marks.push({ seq, stored: rows.length });
    },
  };
  const events: Partial<Store["events"]> = {
    async append(batch) {
      fault("append");
      rows.push(...batch.events.map(({ seq }: RoomEvent) => seq));
      offset = batch.offset;
      fault("append answer");
    },
    async stored() {
      fault("stored");
      return [];
    },
  };
  const shards: Partial<Store["shards"]> = {
    async acquire() {
      fault("acquire");
      return leaseOf();
    },
    async release() {
      fault("release");
    },
  };
  const leaseOf = (): Lease => ({ shard: 0, token: 1, offset });
  const context = {
    broker: broker as Broker,
    store: { events, shards } as Store,
    settings: { WRITER_LEASE_MS: 1_000, BATCH_GATHER_MAX_MS: 0, MARK_INTERVAL_MS: 0 },
    owner: "writer",
    meters: createMeters(
      createMetrics(),
      () => 0,
      () => 0,
    ),
    log: createLogger({ level: "silent", node: "test" }),
  };
  return { rows, marks, writer: new ShardWriter(context, leaseOf()) };
}

const away = () => Object.assign(new Error("the database is starting up"), { code: "57P03" });
const cut = () => new BrokerUnavailable("cut off");
const everyCall = [
  ...["openLog", "missing", "logStart", "lag", "read", "trim", "heads", "publishMarks"].map(
    (method) => [method, cut] as const,
  ),
  ...["append", "append answer", "stored", "acquire"].map((method) => [method, away] as const),
].flatMap(([method, error]) => [1, 2, 3, 4, 5].map((call) => [method, call, error] as const));

test.concurrent.for(everyCall)(
  "G2 G4 several batches of a log that was made anew are stored once when %s fails at call %i",
  async ([method, call, error], { expect, onTestFinished }) => {
    const { rows, marks, writer } = world(failAt(method, call, error));
    const running = loop(writer);
    onTestFinished(async () => {
      writer.end();
      await running;
    });
    await expect.poll(() => marks.at(-1)?.seq, { timeout: 15_000 }).toBe(EVENTS);
    expect(rows).toEqual(Array.from({ length: EVENTS }, (_none, at) => at + 1));
    expect(marks.every(({ seq, stored }) => seq <= stored)).toBe(true);
  },
);

test("G6 a store that is older than what the log remembers gets nothing, and readiness says what to run", async ({
  expect,
  onTestFinished,
}) => {
  const { rows, writer } = world(() => undefined, 700);
  const running = loop(writer);
  onTestFinished(async () => {
    writer.end();
    await running;
  });
  const told = "the database is older than the log remembers: run `hubbub adopt`";
  await expect.poll(() => writer.trouble, { timeout: 15_000 }).toBe(told);
  writer.finish();
  await running;
  expect(rows).toEqual([]);
});
