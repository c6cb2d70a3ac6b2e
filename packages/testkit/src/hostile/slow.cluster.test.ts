import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { eventually } from "../eventually.ts";
import { type Person, publish } from "../tests/people.ts";
import { arriveFrom, type Crowd, gatherCrowd } from "./crowd.ts";
import { OPCODE, type RawFrame } from "./frame.ts";
import { connectRaw, type RawWs } from "./raw-ws.ts";
import { printTable } from "./table.ts";

/**
 * A connection that stops reading for a while and one that never reads again, in a room with 500 healthy ones. A second
 * room, which only the two hear, fills what the kernels hold for them, so that their gateway has to deal with the rest.
 */
const SLOW_DEADLINE_MS = 4_000;
const HEALTHY = 500;
const BASELINE_MS = 4_000;
/** Within the deadline. */
const STALL_MS = 1_500;
const TEXT = "x".repeat(8_000);
/** 40 MB: more than loopback connections hold anywhere. */
const FEED_MAX = 5_000;
/** 3 MB a second: the gateway looks five times a second who is slow, and cuts whom a burst overruns before that. */
const FEED_AT_ONCE = 20;
const FEED_PAUSE_MS = 50;
const P99_MAX_MS = 2_000;

let cluster: Cluster;
let crowd: Crowd;
let wsUrl: string;

beforeAll(async () => {
  const unhurried = { FRAMES_PER_SECOND: "100000", PUBLISHES_PER_SECOND: "100000" };
  const env = { SLOW_DEADLINE_MS: `${SLOW_DEADLINE_MS}`, ...unhurried };
  cluster = await startCluster({ gateways: 1, writers: 1, env });
  wsUrl = `ws://127.0.0.1:${cluster.gateways[0]?.port}/ws`;
  const apiUrl = cluster.apis[0]?.url ?? "";
  crowd = await gatherCrowd({ apiUrl, wsUrls: [wsUrl], members: HEALTHY, rooms: 1, messagesPerSecond: 10 });
});
afterAll(() => cluster?.stop());

test("G7 who stops reading gets everything once when it reads again, who never does is closed, 500 others notice nothing", async () => {
  const apiUrl = cluster.apis[0]?.url ?? "";
  const [feeder, slowOne, deadOne] = await Promise.all([1, 2, 3].map((at) => arriveFrom(apiUrl, `203.0.113.${at}`)));
  if (feeder === undefined || slowOne === undefined || deadOne === undefined) throw new Error("somebody is missing");
  const [shared = ""] = crowd.heads().keys();
  const { id: heavy } = await feeder.createRoom();
  const without = await crowd.measure(() => sleep(BASELINE_MS));
  const [slow, dead] = await Promise.all([listen(slowOne, [shared, heavy]), listen(deadOne, [shared, heavy])]);

  const during = await crowd.measure(async () => {
    slow.pause();
    dead.pause();
    const fed = await feedUntilSlow(feeder, heavy);
    const stalledAt = performance.now();
    await sleep(STALL_MS);
    slow.resume();
    const fedHead = fed.head;
    await eventually(() => expect(Math.max(...accountOf(slow, heavy).covered)).toBeGreaterThanOrEqual(fedHead), {
      timeoutMs: 15_000,
    });
    const closedMs = await closedWith4008(stalledAt);
    return { fed, closedMs };
  });
  const after = await crowd.measure(() => sleep(BASELINE_MS / 2));
  const verdict = await crowd.finish();
  const sharedHead = crowd.heads().get(shared) ?? 0;
  await eventually(() => expect(Math.max(...accountOf(slow, shared).covered)).toBe(sharedHead));
  const accounts = [shared, heavy].map((room) => accountOf(slow, room));
  dead.resume();
  const deadEnd = await dead.ended;
  await slow.cut();

  const { fed, closedMs } = during.result;
  printTable(`${HEALTHY} healthy connections beside a slow and a dead one (ms from publish to delivery)`, [
    ...Object.entries({ "before them": without, "beside them": during, "after them": after }).map(
      ([when, { figures }]) => ({
        when,
        deliveries: figures.deliveries,
        p50: figures.p50.toFixed(1),
        p99: figures.p99.toFixed(1),
      }),
    ),
  ]);
  printTable("The slow one, and the dead one", [
    ...accounts.map(({ events, gaps, doubled, covered }, at) => ({
      what: `slow, ${at === 0 ? "shared" : "heavy"} room`,
      outcome: `${events} events, ${gaps} announced as a gap, ${doubled} doubled, up to seq ${Math.max(...covered)}`,
    })),
    { what: "told slow", outcome: `${typesOf(slow).filter((type) => type === "slow").length} times` },
    {
      what: "fed until both were slow",
      outcome: `${fed.count} events, ${((fed.count * TEXT.length) / 1e6).toFixed(1)} MB`,
    },
    {
      what: "dead",
      outcome: `closed by the gateway ${Math.round(closedMs)} ms after it was slow; then read: ${deadEnd.code ?? "cut"}`,
    },
  ]);

  expect(verdict.faults).toEqual([]);
  expect(verdict.acked).toBe(verdict.sent);
  for (const { covered, doubled } of accounts) {
    expect(doubled).toBe(0);
    const [first = 0] = covered;
    expect(covered).toEqual(covered.map((_, at) => first + at));
  }
  expect(typesOf(slow)).toContain("slow");
  expect(closedMs).toBeLessThan(SLOW_DEADLINE_MS + 2_000);
  expect([4008, null]).toContain(deadEnd.code);
  expect(during.figures.p99).toBeLessThan(P99_MAX_MS);
});

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
  const seqs = ours.flatMap(({ type, seq = 0 }) => (type === "event" ? [seq] : []));
  const gaps = ours.flatMap(({ type, from = 0, to = -1 }) =>
    type === "gap" ? Array.from({ length: to - from + 1 }, (_, at) => from + at) : [],
  );
  const covered = [...new Set([...seqs, ...gaps])].sort((a, b) => a - b);
  return { events: seqs.length, gaps: gaps.length, doubled: seqs.length + gaps.length - covered.length, covered };
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
