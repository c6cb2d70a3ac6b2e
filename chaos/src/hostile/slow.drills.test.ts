import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, eventually, type Person, publish, startCluster } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arriveFrom, type Crowd, type Figures, gatherCrowd } from "./crowd.ts";
import { OPCODE, type RawFrame } from "./frame.ts";
import { connectRaw, type RawWs } from "./raw-ws.ts";
import { printTable } from "./table.ts";

/**
 * A connection that stops reading for a while and one that never reads again, in a room with 500 healthy ones. A second
 * room, which only the two hear, fills what the kernels hold for them, so that their gateway has to deal with the rest.
 */
const SLOW_DEADLINE_MS = 4_000;
const HEALTHY = 500;
const BASELINE_MS = 3_000;
/** Within the deadline. */
const STALL_MS = 1_500;
const TEXT = "x".repeat(8_000);
/** 40 MB: more than loopback connections hold anywhere. */
const FEED_MAX = 5_000;
/** 3 MB a second, so that there is something to see between the rounds; a burst is packages/gateway/src/slow.test.ts. */
const FEED_AT_ONCE = 20;
const FEED_PAUSE_MS = 50;
const CAUGHT_UP_MS = 15_000;
const P99_MAX_MS = 2_000;

let cluster: Cluster;
let crowd: Crowd;
let wsUrl: string;

beforeAll(async () => {
  const unhurried = {
    FRAMES_PER_SECOND: "100000",
    PUBLISHES_PER_SECOND: "100000",
    PUBLISHES_PER_SECOND_PER_USER: "100000",
    PUBLISHES_PER_SECOND_PER_ADDRESS: "100000",
  };
  const env = { SLOW_DEADLINE_MS: `${SLOW_DEADLINE_MS}`, ...unhurried };
  cluster = await startCluster({ gateways: 1, writers: 1, env });
  wsUrl = `ws://127.0.0.1:${cluster.gateways[0]?.port}/ws`;
  const apiUrl = cluster.apis[0]?.url ?? "";
  crowd = await gatherCrowd({ apiUrl, wsUrls: [wsUrl], members: HEALTHY, rooms: 1, messagesPerSecond: 10 });
});
afterAll(() => cluster?.stop());

test("G7 who stops reading gets everything once when it reads again, who never does is closed, 500 others notice nothing", async () => {
  const [shared = ""] = crowd.heads().keys();
  const { feeder, slow, dead, heavy } = await arrive(shared);
  const before = await crowd.measure(() => sleep(BASELINE_MS));
  const beside = await crowd.measure(async () => {
    slow.pause();
    dead.pause();
    const fed = await feedUntilSlow(feeder, heavy);
    const stalledAt = performance.now();
    await sleep(STALL_MS);
    slow.resume();
    await eventually(() => expect(accountOf(slow, heavy).last).toBe(fed.head), { timeoutMs: CAUGHT_UP_MS });
    return { fed, closedMs: await closedWith4008(stalledAt) };
  });
  const after = await crowd.measure(() => sleep(BASELINE_MS / 2));
  const verdict = await crowd.finish();
  await eventually(() => expect(accountOf(slow, shared).last).toBe(crowd.heads().get(shared)));
  const accounts = { shared: accountOf(slow, shared), heavy: accountOf(slow, heavy) };
  dead.resume();
  const { code } = await dead.ended;
  await slow.cut();
  const { fed, closedMs } = beside.result;
  report({ "before them": before, "beside them": beside, "after them": after }, accounts, { fed, closedMs, code });

  expect(verdict.faults).toEqual([]);
  expect(verdict.acked).toBe(verdict.sent);
  for (const { seqs, doubled } of Object.values(accounts)) {
    expect(doubled).toBe(0);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
  }
  expect(typesOf(slow)).toContain("slow");
  expect(closedMs).toBeLessThan(SLOW_DEADLINE_MS + 2_000);
  // Cut, where the close frame no longer fitted behind what was never read.
  expect([4008, null]).toContain(code);
  expect(beside.figures.p99).toBeLessThan(P99_MAX_MS);
});

/** Two who listen to the room of the crowd and to one of their own, and one who will fill that. */
async function arrive(shared: string) {
  const apiUrl = cluster.apis[0]?.url ?? "";
  const feeder = await arriveFrom(apiUrl, "203.0.113.1");
  const { id: heavy } = await feeder.createRoom();
  const [slow, dead] = await Promise.all([
    listen(await arriveFrom(apiUrl, "203.0.113.2"), [shared, heavy]),
    listen(await arriveFrom(apiUrl, "203.0.113.3"), [shared, heavy]),
  ]);
  return { feeder, slow, dead, heavy };
}

function report(
  phases: Readonly<Record<string, { figures: Figures }>>,
  accounts: Readonly<Record<string, ReturnType<typeof accountOf>>>,
  { fed, closedMs, code }: { fed: { count: number }; closedMs: number; code: number | null },
): void {
  printTable(
    `${HEALTHY} healthy connections beside a slow and a dead one (ms from publish to delivery)`,
    Object.entries(phases).map(([when, { figures }]) => ({
      when,
      deliveries: figures.deliveries,
      p50: figures.p50.toFixed(1),
      p99: figures.p99.toFixed(1),
    })),
  );
  const megabytes = ((fed.count * TEXT.length) / 1e6).toFixed(1);
  printTable("What became of them", [
    { who: "both", outcome: `slow after ${fed.count} events, ${megabytes} MB, that they did not read` },
    ...Object.entries(accounts).map(([room, { events, gaps, doubled, last }]) => ({
      who: `slow, ${room} room`,
      outcome: `${events} events, ${gaps} announced as a gap, ${doubled} doubled, none missing up to seq ${last}`,
    })),
    { who: "dead", outcome: `closed ${Math.round(closedMs)} ms after it was slow; read after all: ${code ?? "cut"}` },
  ]);
}

/** Greeted and subscribed to all of them. */
async function listen(person: Person, rooms: readonly string[]): Promise<RawWs> {
  const ws = await connectRaw(wsUrl);
  await ws.send({ type: "hello", ref: 0, token: person.tokens.accessToken });
  for (const room of rooms) {
    await person.join(room);
    await ws.send({ type: "subscribe", ref: 1, room });
  }
  await eventually(() => expect(typesOf(ws).filter((type) => type === "subscribed")).toHaveLength(rooms.length));
  return ws;
}

interface Answer {
  readonly type: string;
  readonly room?: string;
  readonly seq?: number;
  readonly from?: number;
  readonly to?: number;
}

function read({ payload }: RawFrame): Answer {
  return JSON.parse(String(payload)) as Answer;
}

function answersOf(ws: RawWs): Answer[] {
  return ws.frames.filter(({ opcode }) => opcode === OPCODE.text).map(read);
}

function typesOf(ws: RawWs): string[] {
  return answersOf(ws).map(({ type }) => type);
}

/** What a connection heard of a room: each seq that came or was announced as a gap, rising. */
function accountOf(ws: RawWs, room: string) {
  const ours = answersOf(ws).filter((answer) => answer.room === room);
  const came = ours.flatMap(({ type, seq = 0 }) => (type === "event" ? [seq] : []));
  const gaps = ours.flatMap(({ type, from = 0, to = -1 }) =>
    type === "gap" ? Array.from({ length: to - from + 1 }, (_, at) => from + at) : [],
  );
  const covered = [...new Set([...came, ...gaps])].sort((a, b) => a - b);
  const doubled = came.length + gaps.length - covered.length;
  return { seqs: covered, events: came.length, gaps: gaps.length, doubled, last: covered.at(-1) ?? 0 };
}

/** Says much in a room until the gateway has called both its readers slow. */
async function feedUntilSlow(feeder: Person, room: string): Promise<{ count: number; head: number }> {
  const ws = await feeder.connect(wsUrl);
  let head = 0;
  for (let count = FEED_AT_ONCE; count <= FEED_MAX; count += FEED_AT_ONCE) {
    const acks = await Promise.all(Array.from({ length: FEED_AT_ONCE }, () => publish(ws, room, TEXT)));
    head = Math.max(head, ...acks.map((ack) => Number(ack["seq"])));
    await sleep(FEED_PAUSE_MS);
    if ((await metric("slow_total")) < 2) continue;
    await ws.close();
    return { count, head };
  }
  const cuts = await metric("backpressure_cut_total");
  throw new Error(`after ${FEED_MAX} events not both are slow; ${cuts} were cut`);
}

async function closedWith4008(since: number): Promise<number> {
  await eventually(async () => expect(await metric('closes_total{code="4008"}')).toBe(1), { timeoutMs: 15_000 });
  return performance.now() - since;
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${cluster.gateways[0]?.url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`hubbub_${name}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}
