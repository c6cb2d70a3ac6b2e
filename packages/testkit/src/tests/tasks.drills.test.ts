import { randomUUID } from "node:crypto";
import type { TaskInfo } from "@hubbub/protocol";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { eventually } from "../eventually.ts";
import { Person, publish, subscribe } from "../people.ts";
import type { ClusterProcess } from "../supervised.ts";
import type { WsClient } from "../ws-client.ts";

/** Tasks, on two gateways and two processes that work on them, with a real Redis and Postgres. */
const LEASE_ENDS_MS = 60_000;

let cluster: Cluster;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, writers: 1, apis: 2, env: {} });
  [ada, bob] = await Promise.all([Person.arrive(cluster.url), Person.arrive(cluster.url)]);
});
afterAll(() => cluster?.stop());

const gateway = (at: number): string => `ws://127.0.0.1:${cluster.gateways[at]?.port}/ws`;

/** A room with three messages, and a subscriber on each gateway. */
async function openRoom() {
  const { id: room } = await ada.createRoom();
  await bob.join(room);
  const sockets = await Promise.all([ada.connect(gateway(0)), bob.connect(gateway(1))]);
  const [first] = sockets as [WsClient, WsClient];
  await Promise.all(sockets.map((ws) => subscribe(ws, room)));
  for (const text of ["one", "two", "three"]) await publish(first, room, text);
  const start = (id: string = randomUUID()) => ada.post<TaskInfo>(`/rooms/${room}/tasks`, { id, name: "stats" });
  const close = () => Promise.all(sockets.map((ws) => ws.close()));
  return { room, sockets, start, [Symbol.asyncDispose]: async () => void (await close()) };
}

const taskEvent = (ws: WsClient, state: string, timeoutMs = LEASE_ENDS_MS) =>
  ws.nextWhere(
    (frame) => frame.type === "event" && frame["kind"] === "task" && frame["state"] === state,
    `the task is ${state}`,
    timeoutMs,
  );

async function tasksIn(room: string): Promise<string[]> {
  const { messages } = await ada.history(room);
  return messages.flatMap((event) => (event.kind === "task" ? [event.state] : []));
}

test("a task is started by one person, and both hear on their gateways of its beginning, progress and result", async () => {
  await using opened = await openRoom();
  const { room, sockets, start } = opened;
  const asked = await start();
  expect(asked).toMatchObject({ state: "queued", name: "stats", ahead: 0 });
  expect(await start(asked.id)).toMatchObject({ id: asked.id });
  for (const ws of sockets) {
    expect(await taskEvent(ws, "queued")).toMatchObject({ task: asked.id, by: { username: ada.name } });
    const progress = await ws.nextWhere((frame) => frame.type === "signal" && frame["kind"] === "progress", "progress");
    expect(progress).toMatchObject({ room, task: { id: asked.id } });
    expect(await taskEvent(ws, "done")).toMatchObject({ task: asked.id, note: "3 messages by 1" });
  }
  expect(await tasksIn(room)).toEqual(["queued", "done"]);
});

test("a search finds the messages of its room, once they are in the index", async () => {
  await using opened = await openRoom();
  await using _other = await openRoom();
  const { room, sockets } = opened;
  const [left] = sockets as [WsClient, WsClient];
  await eventually(async () => {
    const asked = { id: randomUUID(), name: "search", args: "two" };
    await ada.post<TaskInfo>(`/rooms/${room}/tasks`, asked);
    const ended = await left.nextWhere(
      (frame) => frame.type === "event" && frame["task"] === asked.id && frame["state"] !== "queued",
      "the end of the search",
    );
    expect(ended).toMatchObject({ state: "done", note: expect.stringMatching(/^1 found: #\d+$/) });
  });
});

/** Starts a task while the rows of events are locked: whoever works on it stands still in the middle, and `act` happens to it. */
async function stopped(
  { room, start }: Awaited<ReturnType<typeof openRoom>>,
  act: (worker: ClusterProcess) => Promise<void>,
): Promise<TaskInfo> {
  const client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("lock table hubbub.events in access exclusive mode");
    const asked = await start();
    const worker = await eventually(async () => {
      const { rows } = await client.query("select owner from hubbub.tasks where room_id = $1 and state = 'running'", [
        room,
      ]);
      const name = String(rows[0]?.owner ?? "").split("/")[0];
      const found = cluster.apis.find((process) => process.name === name);
      if (found === undefined) throw new Error("nobody works on the task");
      return found;
    });
    await act(worker);
    await client.query("commit");
    return asked;
  } finally {
    await client.end();
  }
}

test("G2 a task whose worker is killed in the middle has one result, of another worker", async () => {
  await using opened = await openRoom();
  const { room, sockets } = opened;
  const [, right] = sockets as [WsClient, WsClient];
  const { id } = await stopped(opened, async (worker) => await worker.kill("SIGKILL"));
  expect(await taskEvent(right, "done")).toMatchObject({ task: id, note: "3 messages by 1" });
  const found = await fetch(`${cluster.url}/api/v1/rooms/${room}/tasks/${id}`, {
    headers: { authorization: `Bearer ${ada.tokens.accessToken}` },
  });
  expect(await found.json()).toMatchObject({ state: "done", attempt: 2, result: { messages: 3 } });
  expect(await tasksIn(room)).toEqual(["queued", "done"]);
});

test("G2 a task whose worker stands still, and goes on after another one has taken it, has one result", async () => {
  await using opened = await openRoom();
  const { room, sockets } = opened;
  const [, right] = sockets as [WsClient, WsClient];
  let paused: ClusterProcess | undefined;
  await stopped(opened, async (worker) => {
    paused = worker;
    await worker.pause();
  });
  try {
    expect(await taskEvent(right, "done")).toMatchObject({ note: "3 messages by 1" });
  } finally {
    await paused?.continue();
  }
  const before = await publish(right, room, "the one that was late has had its turn");
  await eventually(async () => {
    const { messages } = await ada.history(room);
    expect(messages.some(({ seq }) => seq === before["seq"])).toBe(true);
  });
  expect(await tasksIn(room)).toEqual(["queued", "done"]);
});
