import { createHash } from "node:crypto";
import { type Acceptor, type Broker, createAcceptor, createHistory, createMemoryBroker } from "@hubbub/broker";
import {
  derivedRoomId,
  type EventId,
  encodeEventBody,
  newId,
  type PublicUser,
  type RoomEvent,
  type RoomId,
} from "@hubbub/protocol";
import { canonicalOf, canonicalText, parseFilter } from "@hubbub/query";
import { createLogger, createMetrics } from "@hubbub/runtime";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { createFlows } from "./flows.ts";

const MODEL = { price: { type: "number" }, symbol: { type: "string" } };
const OPERATOR = { by: "operator" } as const;
const HOUR_MS = 3_600_000;

let store: Store;
let broker: Broker;
let acceptor: Acceptor;
let history: ReturnType<typeof createHistory>;
let serial = 0;

beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 10_000, durableAccept: false });
  acceptor = createAcceptor({ broker, beginEpoch: store.rooms.beginEpoch });
  history = createHistory(broker, store.events.page);
});
afterAll(async () => {
  await acceptor[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

interface Source {
  readonly room: RoomId;
  readonly owner: PublicUser;
  post(rows: readonly object[], id?: EventId): Promise<number>;
}

async function createSource(withModel = true): Promise<Source> {
  const owner = await store.users.create({ username: `user-${++serial}`, passwordHash: "hash" });
  const shape = { name: `room ${serial}`, visibility: "public", topic: "", createdBy: owner.id } as const;
  const { id: room } = await store.rooms.create(shape);
  if (withModel) await store.flows.setModel(room, MODEL, OPERATOR);
  const post: Source["post"] = async (rows, id = newId<EventId>()) => {
    const body = encodeEventBody({ by: owner, kind: "data", id, rows: rows as never });
    return (await acceptor.accept({ room, user: owner.id, id, body })).seq;
  };
  return { room, owner, post };
}

async function watch(source: RoomId, where: string, since: number, version = 1): Promise<RoomId> {
  const parsed = parseFilter(where);
  if ("fault" in parsed) throw new Error(parsed.fault.message);
  const filter = canonicalOf(parsed.expr);
  const hash = createHash("sha256")
    .update(`${source}/${version}/${canonicalText(filter)}`)
    .digest("hex");
  const room = derivedRoomId(hash);
  const wantedUntil = new Date(Date.now() + HOUR_MS);
  await store.flows.want({ room, source, hash, modelVersion: version, filter, since, wantedUntil }, 200);
  return room;
}

function startFlows(parts: Partial<Parameters<typeof createFlows>[0]> = {}) {
  const owner = `flows-${++serial}`;
  const log = createLogger({ level: "silent", node: "test" });
  const flows = createFlows({ broker, acceptor, history, store, log, metrics: createMetrics(), owner, ...parts });
  return { ...flows, [Symbol.asyncDispose]: () => flows.stop() };
}

/** What a derived room has: rows of data events with the seq they are from, and what it was told of its query. */
async function contentOf(room: RoomId): Promise<unknown[]> {
  const { events } = await history.before(room, undefined, 1_000);
  return events
    .map(({ frame }) => JSON.parse(frame.toString()) as RoomEvent)
    .map((event) =>
      event.kind === "data"
        ? [event.from, ...event.rows]
        : event.kind === "flow"
          ? `${event.state} ${event.from}`
          : event.kind,
    );
}

/** Whether no process has the source. */
async function isFree(source: RoomId): Promise<boolean> {
  const owner = `looker-${++serial}`;
  const leases = await store.flows.acquire(owner, { sources: 1_000, queries: 100_000 }, 60_000);
  await store.flows.release(owner, leases);
  return leases.some((lease) => lease.source === source);
}

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

// The first test: later ones leave sources that this process would take instead.
test("a process evaluates no more queries than its bound: a source beyond it goes to another process, without a gap", async () => {
  const { room, post } = await createSource();
  const derived = await watch(room, "price > 0", 0);
  const asked: number[] = [];
  const queriesOf: Store["flows"]["queriesOf"] = async (sources, max) => {
    const found = await store.flows.queriesOf(sources, max);
    if (found.some(({ source }) => source === room)) asked.push(found.length);
    return found;
  };
  const narrow = { ...store, flows: { ...store.flows, queriesOf } };
  await using _small = startFlows({ store: narrow, queriesMax: 1 });
  const first = await post([{ price: 1 }]);
  await until(async () => expect(await contentOf(derived)).toEqual(["running 0", [first, { price: 1 }]]));
  const other = await watch(room, "price > 1", first);
  const second = await post([{ price: 2 }]);
  await vi.waitFor(async () => expect(await isFree(room)).toBe(true), { timeout: 10_000, interval: 20 });
  expect(await contentOf(other)).toEqual([]);
  expect(Math.max(...asked)).toBe(1);
  await using _large = startFlows();
  await until(async () => expect(await contentOf(other)).toEqual([`running ${first}`, [second, { price: 2 }]]));
  const all = ["running 0", [first, { price: 1 }], [second, { price: 2 }]];
  await until(async () => expect(await contentOf(derived)).toEqual(all));
});

test("a derived room gets the rows that match, in the order of the source, after the event where the query began", async () => {
  const { room, post } = await createSource();
  const first = await post([{ price: 9 }]);
  const derived = await watch(room, "price > 5", first);
  await using _flows = startFlows();
  const second = await post([{ price: 6 }, { price: 1 }, { price: 7 }]);
  await post([{ price: 2 }]);
  const last = await post([{ price: 8, symbol: "A" }]);
  await until(async () =>
    expect(await contentOf(derived)).toEqual([
      `running ${first}`,
      [second, { price: 6 }, { price: 7 }],
      [last, { price: 8, symbol: "A" }],
    ]),
  );
});

test("a query that begins while others run gets what was said between", async () => {
  const { room, post } = await createSource();
  const early = await watch(room, "price > 0", 0);
  await using _flows = startFlows();
  const first = await post([{ price: 1 }]);
  await until(async () => expect(await contentOf(early)).toEqual(["running 0", [first, { price: 1 }]]));
  const second = await post([{ price: 2 }]);
  await until(async () => expect(await contentOf(early)).toHaveLength(3));
  const late = await watch(room, "price == 2", first);
  await until(async () => expect(await contentOf(late)).toEqual([`running ${first}`, [second, { price: 2 }]]));
});

test("messages of a room without a model are named by their seq, their text is not copied", async () => {
  const { room, owner } = await createSource(false);
  const derived = await watch(room, 'text.contains("deploy")', 0, 0);
  await using _flows = startFlows();
  const id = newId<EventId>();
  const body = encodeEventBody({ by: owner, kind: "message", id, text: "deploy now" });
  const { seq } = await acceptor.accept({ room, user: owner.id, id, body });
  await until(async () => expect(await contentOf(derived)).toEqual(["running 0", [seq, { message: seq }]]));
});

test("a new owner goes on where the last one ended, without a gap and without a double", async () => {
  const { room, post } = await createSource();
  const derived = await watch(room, "price >= 0", 0);
  const seqs: number[] = [];
  const say = async (count: number) => {
    for (let at = 0; at < count; at += 1) seqs.push(await post([{ price: seqs.length }]));
  };
  for (let round = 0; round < 4; round += 1) {
    const flows = startFlows();
    await say(20);
    if (round % 2 === 0)
      await until(async () => expect((await contentOf(derived)).length).toBeGreaterThan(seqs.length - 10));
    await flows.stop();
    await say(5);
  }
  await using _flows = startFlows();
  const expected = ["running 0", ...seqs.map((seq, price) => [seq, { price }])];
  await until(async () => expect(await contentOf(derived)).toEqual(expected));
});

test("an owner that lost its lease writes nothing more, and outputs of both are there once", async () => {
  const { room, post } = await createSource();
  const derived = await watch(room, "price >= 0", 0);
  let held = true;
  const slow: Acceptor["accept"] = async (request) => {
    while (held) await new Promise((resolve) => setTimeout(resolve, 10));
    return acceptor.accept(request);
  };
  const first = startFlows({ acceptor: { accept: slow } });
  const seqs = [await post([{ price: 0 }]), await post([{ price: 1 }])];
  await vi.waitFor(async () => expect(await store.flows.acquire("nobody", { sources: 1, queries: 9 }, 1)).toEqual([]));
  const renew = vi.spyOn(store.flows, "renew").mockResolvedValueOnce(new Set());
  await until(async () => expect(renew).toHaveBeenCalled());
  await store.flows.release(`flows-${serial}`, []);
  held = false;
  await using _second = startFlows();
  await until(async () =>
    expect(await contentOf(derived)).toEqual(["running 0", ...seqs.map((seq, price) => [seq, { price }])]),
  );
  await first.stop();
  expect(await contentOf(derived)).toHaveLength(3);
});

test("a query whose begin fails is begun anew, and has all that matches once", async () => {
  const { room, post } = await createSource();
  const derived = await watch(room, "price > 0", 0);
  const first = await post([{ price: 1 }]);
  const told = vi.spyOn(store.flows, "told").mockRejectedValueOnce(new Error("the commit failed"));
  await using _flows = startFlows();
  await until(async () => expect(told).toHaveBeenCalledTimes(2));
  const second = await post([{ price: 2 }]);
  await until(async () =>
    expect(await contentOf(derived)).toEqual(["running 0", [first, { price: 1 }], [second, { price: 2 }]]),
  );
});

test("a changed model ends the queries on the old one, and says so", async () => {
  const { room, post } = await createSource();
  const derived = await watch(room, "price > 0", 0);
  await using _flows = startFlows();
  const seq = await post([{ price: 1 }]);
  await until(async () => expect(await contentOf(derived)).toHaveLength(2));
  await store.flows.setModel(room, { ...MODEL, extra: { type: "boolean" } }, OPERATOR);
  await until(async () => expect(await contentOf(derived)).toEqual(["running 0", [seq, { price: 1 }], `ended ${seq}`]));
  await post([{ price: 2 }]);
  const again = await watch(room, "price > 1", seq, 2);
  await until(async () => expect(await contentOf(again)).toHaveLength(2));
  expect(await contentOf(derived)).toHaveLength(3);
});
