import { type Acceptor, type Broker, createAcceptor, createHistory, createMemoryBroker } from "@hubbub/broker";
import {
  type EventId,
  encodeEventBody,
  newId,
  type PublicUser,
  type RoomEvent,
  type RoomId,
  type TaskId,
} from "@hubbub/protocol";
import { createLogger, createMetrics, pause } from "@hubbub/runtime";
import { createEmbeddedStore, type Store, type TaskRecord } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { TaskHandlers } from "./job-context.ts";
import { createJobs, type JobsOptions } from "./jobs.ts";

const HOUR_MS = 3_600_000;
const BOUNDS = { perUser: 100, all: 1_000, holdMs: 0 };
const LEASE_MS = 300;

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

async function openRoom(): Promise<{ room: RoomId; owner: PublicUser; say: (text: string) => Promise<void> }> {
  const owner = await store.users.create({ username: `user-${++serial}`, passwordHash: "hash" });
  const shape = { name: `room ${serial}`, visibility: "public", topic: "", createdBy: owner.id } as const;
  const { id: room } = await store.rooms.create(shape);
  const say = async (text: string) => {
    const id = newId<EventId>();
    await acceptor.accept({
      room,
      user: owner.id,
      id,
      body: encodeEventBody({ by: owner, kind: "message", id, text }),
    });
  };
  return { room, owner, say };
}

function startJobs(parts: Partial<JobsOptions> = {}) {
  const owner = `jobs-${++serial}`;
  const log = createLogger({ level: "silent", node: "test" });
  const jobs = createJobs({ broker, acceptor, history, store, log, metrics: createMetrics(), owner, ...parts });
  return { ...jobs, [Symbol.asyncDispose]: () => jobs.stop() };
}

const ask = (room: RoomId, { id: user }: PublicUser, name = "work", args = "") =>
  store.tasks.request({ id: newId<TaskId>(), user, room, name, args }, BOUNDS);
const ended = (room: RoomId, id: TaskId): Promise<TaskRecord> =>
  vi.waitFor(
    async () => {
      const task = await store.tasks.find(room, id);
      if (task === null || task.finishedAt === null) throw new Error(`the task is ${task?.state}`);
      return task;
    },
    { timeout: 15_000, interval: 20 },
  );
const endsIn = async (room: RoomId): Promise<RoomEvent[]> =>
  (await history.before(room, undefined, 1_000)).events
    .map(({ frame }) => JSON.parse(frame.toString()) as RoomEvent)
    .filter(({ kind }) => kind === "task");
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

test("stats counts what the room has, tells its progress, and the room hears of the end once", async () => {
  const { room, owner, say } = await openRoom();
  for (let count = 0; count < 3; count += 1) await say("hello");
  const signals = vi.spyOn(broker, "publishSignal");
  const { id } = await ask(room, owner, "stats");
  await using _jobs = startJobs();
  const task = await ended(room, id);
  expect(task).toMatchObject({ state: "done", attempt: 1, done: 3, total: 3 });
  expect(task.result).toMatchObject({ messages: 3, authors: 1, most: [{ username: owner.username, count: 3 }] });
  await until(async () =>
    expect(await endsIn(room)).toMatchObject([
      { kind: "task", task: id, name: "stats", state: "done", note: "3 messages by 1", by: owner },
    ]),
  );
  expect(signals.mock.calls.filter(([to]) => to === room).map(([, frame]) => JSON.parse(frame))).toContainEqual({
    type: "signal",
    room,
    by: owner,
    kind: "progress",
    task: { id, done: 3, total: 3 },
  });
});

test("a task that fails is begun again, three times in all, and then it is failed for good", async () => {
  const { room, owner } = await openRoom();
  const attempts: number[] = [];
  const handlers: TaskHandlers = {
    work: async (_, { task }) => {
      attempts.push(task.attempt);
      throw new Error("no");
    },
  };
  const { id } = await ask(room, owner);
  // Without the pauses between the attempts.
  const { tasks } = store;
  const hurried = {
    ...tasks,
    release: (...[lease, , counts]: Parameters<typeof tasks.release>) => tasks.release(lease, 0, counts),
  };
  await using _jobs = startJobs({ handlers, store: { ...store, tasks: hurried } });
  const task = await ended(room, id);
  expect(attempts).toEqual([1, 2, 3]);
  expect(task).toMatchObject({ state: "failed", note: "it failed; the operator finds why in the log", result: null });
  await until(async () => expect(await endsIn(room)).toMatchObject([{ state: "failed" }]));
});

test("a task that ends its process each time is given up after three", async () => {
  const { room, owner } = await openRoom();
  const { id } = await ask(room, owner);
  for (let died = 0; died < 3; died += 1) await store.tasks.claim("dead", 0, 9);
  const work = vi.fn();
  await using _jobs = startJobs({ handlers: { work } });
  expect(await ended(room, id)).toMatchObject({ state: "failed", note: expect.stringContaining("3 times") });
  expect(work).not.toHaveBeenCalled();
});

test("a cancelled task stops, and the room hears that it was cancelled", async () => {
  const { room, owner } = await openRoom();
  let reason: unknown;
  const handlers: TaskHandlers = {
    work: async (_, { signal }) => {
      await pause(HOUR_MS, signal);
      reason = signal.reason;
      throw signal.reason;
    },
  };
  const { id } = await ask(room, owner);
  await using _jobs = startJobs({ handlers, leaseMs: LEASE_MS });
  await until(async () => expect(await store.tasks.find(room, id)).toMatchObject({ state: "running" }));
  await store.tasks.cancel(room, id, "by somebody", HOUR_MS);
  await until(async () => expect(reason).toMatchObject({ name: "LeaseLost" }));
  await until(async () => expect(await endsIn(room)).toMatchObject([{ state: "cancelled", note: "by somebody" }]));
});

test("a worker that was replaced writes nothing: one result, one event", async () => {
  const { room, owner } = await openRoom();
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const slow: TaskHandlers = {
    work: async () => {
      await finished;
      return { note: "late", result: { late: true } };
    },
  };
  const { id } = await ask(room, owner);
  let claims = 0;
  const claimOnce: typeof store.tasks.claim = async (...asked) =>
    claims++ === 0 ? await store.tasks.claim(...asked) : null;
  // It stands still: its lease is not renewed, as of a process that is paused.
  const frozen = {
    ...store,
    tasks: { ...store.tasks, renew: () => new Promise<boolean>(() => undefined), claim: claimOnce },
  };
  const first = startJobs({ handlers: slow, leaseMs: LEASE_MS, store: frozen });
  await until(async () => expect(await store.tasks.find(room, id)).toMatchObject({ state: "running", attempt: 1 }));
  await using _second = startJobs({ handlers: { work: async () => ({ note: "in time", result: {} }) } });
  expect(await ended(room, id)).toMatchObject({ note: "in time", attempt: 2 });
  finish();
  await first.stop();
  expect(await store.tasks.find(room, id)).toMatchObject({ note: "in time", result: {} });
  await until(async () => expect(await endsIn(room)).toMatchObject([{ note: "in time" }]));
});

test("an end that its process did not tell is told by another one, and not twice", async () => {
  const { room, owner } = await openRoom();
  const { id } = await ask(room, owner);
  const handlers: TaskHandlers = { work: async () => ({ note: "done", result: {} }) };
  // It tells the room, and dies before it has noted that.
  const dying = {
    ...store,
    tasks: { ...store.tasks, told: () => Promise.reject(new Error("died")), untold: async () => [] },
  };
  {
    await using _first = startJobs({ handlers, store: dying });
    await until(async () => expect(await endsIn(room)).toHaveLength(1));
  }
  const isUntold = async () => (await store.tasks.untold(0, 100)).some((task) => task.id === id);
  expect(await isUntold()).toBe(true);
  await using _second = startJobs({ handlers });
  await until(async () => expect(await isUntold()).toBe(false));
  expect(await endsIn(room)).toHaveLength(1);
});

test("a task is refused that is too slow, has too large a result, or whose user has left the room", async () => {
  const { room, owner } = await openRoom();
  const other = await store.users.create({ username: `user-${++serial}`, passwordHash: "hash" });
  const handlers: TaskHandlers = {
    slow: (_, { signal }) => pause(HOUR_MS, signal).then(() => ({ note: "", result: {} })),
    large: async () => ({ note: "", result: { text: "x".repeat(70_000) } }),
  };
  const asked = [await ask(room, owner, "slow"), await ask(room, owner, "large"), await ask(room, other, "slow")];
  await using _jobs = startJobs({ handlers, timeoutMs: 500 });
  const notes = await Promise.all(asked.map(async ({ id }) => (await ended(room, id)).note));
  expect(notes).toEqual([
    "it took longer than 0.5 s",
    "its result has more than 65536 bytes",
    "you are not in the room any more",
  ]);
  await until(async () => expect(await endsIn(room)).toHaveLength(2));
});

test("a process that leaves gives its tasks back, and the attempt does not count", async () => {
  const { room, owner } = await openRoom();
  const handlers: TaskHandlers = {
    work: async (_, { signal }) => {
      await pause(HOUR_MS, signal);
      throw signal.reason;
    },
  };
  const { id } = await ask(room, owner);
  const jobs = startJobs({ handlers });
  await until(async () => expect(await store.tasks.find(room, id)).toMatchObject({ state: "running" }));
  await jobs.stop();
  expect(await store.tasks.find(room, id)).toMatchObject({ state: "queued", attempt: 0 });
  await store.tasks.cancel(room, id, "", HOUR_MS);
});

test("where history is hidden from newcomers, the room hears that a task is done and not what it found", async () => {
  const { room, owner } = await openRoom();
  await store.rooms.change(room, { settings: { history: "joined" } }, { by: owner.id });
  const handlers: TaskHandlers = { work: async () => ({ note: "7 messages", result: {} }) };
  const { id } = await ask(room, owner);
  await using _jobs = startJobs({ handlers });
  await until(async () => expect(await endsIn(room)).toMatchObject([{ task: id, state: "done", note: "" }]));
});

test("a query that cannot be read is refused in one attempt, with its fault", async () => {
  const { room, owner } = await openRoom();
  const { id } = await ask(room, owner, "search", '"tea');
  await using _jobs = startJobs();
  expect(await ended(room, id)).toMatchObject({ state: "failed", attempt: 1, note: expect.stringContaining("quot") });
});

test("a task that waits for the database is given up after an hour", async () => {
  const { room, owner } = await openRoom();
  const { id } = await ask(room, owner);
  const { tasks } = store;
  const old: typeof tasks.claim = async (...asked) => {
    const task = await tasks.claim(...asked);
    return task && { ...task, createdAt: new Date(Date.now() - HOUR_MS - 1_000) };
  };
  const work = () => Promise.reject(Object.assign(new Error("statement timeout"), { code: "57014" }));
  await using _jobs = startJobs({ handlers: { work }, store: { ...store, tasks: { ...tasks, claim: old } } });
  expect(await ended(room, id)).toMatchObject({ state: "failed", note: expect.stringContaining("an hour") });
});
