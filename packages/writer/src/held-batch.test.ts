import { type Broker, BrokerUnavailable, createMemoryBroker, type DurableMark } from "@hubbub/broker";
import { type EventId, encodeEventBody, newId, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { createLogger, createMetrics, runLoop } from "@hubbub/runtime";
import { type AppendBatch, type Lease, LeaseLost, type Store } from "@hubbub/store";
import { describe, expect, test, vi } from "vitest";
import { numbered, withEdge } from "../test/stack.ts";
import { createMeters } from "./meters.ts";
import { ShardWriter } from "./shard-writer.ts";

vi.mock("@hubbub/runtime", async (original) => ({ ...(await original<object>()), backoffMs: () => 0 }));

/** Three batches where acks wait for the commit: 500 events each at most. */
const EVENTS = 1_200;
const USER = newId<UserId>();
const ROOMS = [newId<RoomId>(), newId<RoomId>()];
const none = () => 0;
const logAway = () => new BrokerUnavailable("the log cannot be reached");
const storeAway = () => Object.assign(new Error("the database is starting up"), { code: "57P03" });

/** Counts calls over all targets; call number `failing` throws, before or after it has done its work. */
class Failing {
  readonly names: string[] = [];
  readonly #failing: number;
  readonly #isAnswerLost: boolean;

  constructor(failing: number, isAnswerLost: boolean) {
    this.#failing = failing;
    this.#isAnswerLost = isAnswerLost;
  }

  wrap<Target extends object>(target: Target, methods: readonly (keyof Target)[], error: () => Error): Target {
    return new Proxy(target, {
      get: (own, key) => {
        const value: unknown = Reflect.get(own, key);
        if (typeof value !== "function") return value;
        if (!methods.some((method) => method === key)) return value.bind(own);
        return async (...args: unknown[]) => {
          const isFailing = this.names.push(String(key)) - 1 === this.#failing;
          if (isFailing && !this.#isAnswerLost) throw error();
          const answer: unknown = await value.apply(own, args);
          if (isFailing) throw error();
          return answer;
        };
      },
    });
  }
}

/** What the writer asks of a store, in memory, with the fences that the real one has. */
function tinyStore(offset: string) {
  const rows: RoomEvent[] = [];
  let lease: Lease = { shard: 0, token: 1, offset };
  const commit = (batch: Pick<AppendBatch, "lease" | "offset">, events: readonly RoomEvent[]): void => {
    if (batch.lease.token !== lease.token || batch.lease.offset !== lease.offset) throw new LeaseLost("not held");
    rows.push(...events.filter(({ room, seq }) => !rows.some((row) => row.room === room && row.seq === seq)));
    lease = { ...lease, offset: batch.offset };
  };
  const events = {
    append: async (batch: AppendBatch) => commit(batch, batch.events),
    stored: async (room: RoomId, { after }: { after: number }, asked: readonly { id: EventId }[]) =>
      rows
        .filter((row) => row.room === room && row.seq > after && asked.some(({ id }) => id === row.id))
        .map(({ by, id, seq, epoch, at }) => ({ user: by.id, id, seq, epoch, at })),
  };
  const shards = {
    acquire: async () => {
      lease = { ...lease, token: lease.token + 1 };
      return lease;
    },
    release: async () => undefined,
  };
  return { rows, lease: () => lease, events, shards };
}

async function fill(broker: Broker, count: number): Promise<void> {
  for (const room of ROOMS) await broker.initialise(room, { epoch: 2, head: 0 });
  const batch = numbered("text", count).map((text, at) => {
    const id = newId<EventId>();
    const body = encodeEventBody({ by: { id: USER, username: "ada" }, kind: "message", id, text });
    return { room: ROOMS[at % ROOMS.length] ?? newId<RoomId>(), user: USER, id, body, seen: 0 };
  });
  await broker.accept(0, batch);
}

interface Start {
  /** Where the store stands. */
  readonly offset: string;
  /**
   * Events of the log that are rows of a later epoch: the log was lost, its events were offered again, and it came
   * back.
   */
  readonly offeredAgain: number;
}

function createWriter(broker: Broker, store: object, lease: Lease): ShardWriter {
  const settings = { WRITER_LEASE_MS: 60_000, BATCH_GATHER_MAX_MS: 0, MARK_INTERVAL_MS: 0 };
  const meters = createMeters(createMetrics(), none, none);
  const logger = createLogger({ level: "silent", node: "test" });
  return new ShardWriter({ broker, store: store as Store, owner: "writer", settings, meters, logger }, lease);
}

/** Runs one writer over one log until all is committed, with one failing call. */
async function run({ offset, offeredAgain }: Start, failing: Failing) {
  const memory = createMemoryBroker({ shards: 1, backlogMaxEvents: 10_000, durableAccept: false });
  await fill(memory, EVENTS);
  await using log = await memory.openLog(0);
  const store = tinyStore(offset);
  for (const { frame } of await log.read("", offeredAgain, 0)) {
    const event: RoomEvent = JSON.parse(frame);
    store.rows.push({ ...event, epoch: 3, seq: event.seq + 1_000_000 });
  }
  const early: DurableMark[] = [];
  const marks = new Map<RoomId, number>();
  const edge = withEdge<Broker>(memory, {
    openLog: async () => failing.wrap(await memory.openLog(0), ["read", "lag", "trim", "missing"], logAway),
    publishMarks: async (_shard, told) => {
      early.push(...told.filter(({ room, seq }) => !store.rows.some((row) => row.room === room && row.seq >= seq)));
      for (const { room, seq } of told) marks.set(room, seq);
    },
  });
  const writer = createWriter(
    failing.wrap(edge, ["openLog", "heads", "publishMarks"], logAway),
    {
      events: failing.wrap(store.events, ["append", "stored"], storeAway),
      shards: failing.wrap(store.shards, ["acquire", "release"], storeAway),
    },
    store.lease(),
  );
  const running = runLoop(writer).finally(() => writer.close());
  await vi.waitFor(async () => expect(await log.lag(store.lease().offset)).toBe(0), { timeout: 10_000, interval: 2 });
  writer.finish();
  await running;
  const rows = store.rows.filter(({ epoch }) => epoch === 2).map(({ room, seq }) => `${ROOMS.indexOf(room)}:${seq}`);
  // Of rooms that got no row here a mark may be told or not.
  return { rows, early, told: rows.length === 0 ? [] : [...marks.values()] };
}

/** Room and seq of the events of the log behind the first `from`. */
const numbersFrom = (from: number) =>
  Array.from({ length: EVENTS - from }, (_none, at) => `${(from + at) % 2}:${Math.floor((from + at) / 2) + 1}`);

describe.each<[string, Start]>([
  ["a fresh log", { offset: "", offeredAgain: 0 }],
  ["another log than the one it left off in", { offset: "former/77", offeredAgain: 0 }],
  ["a log that came back when some of it was stored", { offset: "former/77", offeredAgain: 700 }],
  ["a log that came back when all of it was stored", { offset: "former/77", offeredAgain: EVENTS }],
])("%s", (_name, start) => {
  test.each([
    ["does nothing", false],
    ["does its work and its answer is lost", true],
  ])(
    "G2 G3 G4 whichever call %s, no batch is skipped or stored twice, and no mark is ahead of its rows",
    async (_case, isAnswerLost) => {
      const calm = new Failing(Number.POSITIVE_INFINITY, isAnswerLost);
      const expected = {
        rows: numbersFrom(start.offeredAgain),
        early: [],
        told: start.offeredAgain === EVENTS ? [] : [EVENTS / 2, EVENTS / 2],
      };
      expect(await run(start, calm)).toEqual(expected);
      for (const [call, name] of calm.names.entries()) {
        expect([name, await run(start, new Failing(call, isAnswerLost))]).toEqual([name, expected]);
      }
    },
    120_000,
  );
});

test("G6 a store that is older than what the log remembers gets nothing, and readiness says what to run", async () => {
  const memory = createMemoryBroker({ shards: 1, backlogMaxEvents: 10_000, durableAccept: false });
  await fill(memory, EVENTS);
  const store = tinyStore("former/77");
  const openLog = async () => withEdge(await memory.openLog(0), { missing: async () => 700 });
  const writer = createWriter(withEdge<Broker>(memory, { openLog }), store, store.lease());
  const running = runLoop(writer).finally(() => writer.close());
  const told = "the database is older than the log remembers: run `hubbub adopt`";
  await vi.waitFor(() => expect(writer.outage.trouble).toBe(told), { timeout: 15_000 });
  writer.finish();
  await running;
  expect(store.rows).toEqual([]);
});
