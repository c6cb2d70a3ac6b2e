import {
  BASELINE_DRAIN_MS,
  type Bench,
  DRAIN_MS,
  ROUNDS,
  TEXT_BYTES,
  WARMUP_MS,
  WINDOW_LINE,
  WINDOW_MS,
} from "../bench.ts";
import type { LoadPlan, Run, RunResult, Sender } from "../generator/load-plan.ts";
import {
  type BenchGroup,
  type BenchRow,
  compare,
  cpuLine,
  cpuOf,
  lossOf,
  merged,
  percentileLine,
  total,
} from "../measure/result.ts";
import { startBareUws, startSocketIo } from "../under-test/baseline.ts";
import { generate } from "../under-test/generator.ts";
import { LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";

const RECEIVERS = 500;
const SENDERS = 10;
const LOADS = [
  { rate: 300, overBare: 1.5, overSocketIo: 4 },
  { rate: 2_000, overBare: 6, overSocketIo: 12 },
] as const;
const UNIT = "deliveries per gateway CPU-second";
/** All receivers are on the first server, all senders on the second: what arrives has come through Redis. */
const SENDERS_CROWD = 1;

/** One room of 500: what a delivery costs the gateway that has the connections. */
export async function measureFanOut(bench: Bench): Promise<BenchGroup> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const { rate, overBare, overSocketIo } of LOADS) {
    const bare: RunResult[] = [];
    const socketIo: RunResult[] = [];
    const hubbub: RunResult[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      bench.say(`fan-out at ${rate} msg/s, round ${round}: bare uWS, Socket.IO, Hubbub`);
      bare.push(await runBare(rate));
      socketIo.push(await runSocketIo(rate));
      hubbub.push(await runHubbub(bench, rate));
    }
    const what = `fan-out, ${RECEIVERS} connections, ${rate} msg/s`;
    const common = { unit: UNIT, hubbub: perGatewaySecond(hubbub), loss: lossOf(hubbub), print: thousands };
    rows.push(
      compare({
        ...common,
        what,
        baseline: { name: "bare uWS", value: perGatewaySecond(bare) },
        target: { direction: "at least", factor: overBare },
      }),
      compare({
        ...common,
        what,
        baseline: { name: "Socket.IO", value: perGatewaySecond(socketIo) },
        target: { direction: "at least", factor: overSocketIo },
      }),
    );
    notes.push(...notesOf(rate, { "bare uWS": bare, "Socket.IO": socketIo, Hubbub: hubbub }));
    notes.push(`${rate} msg/s, Hubbub: publish to ack ${percentileLine(merged(hubbub, (run) => run.ackMicroseconds))}`);
  }
  return {
    name: "fan-out",
    title: "Fan-out through Redis",
    date: new Date().toISOString(),
    conditions: [
      `${RECEIVERS} connections in one room on one server, ${SENDERS} senders on a second one; only the first server's CPU time counts`,
      "bare uWS publishes from its own memory, at most one message per turn of its event loop, and has no second server",
      "Socket.IO 4, WebSocket only, @socket.io/redis-adapter; it and Hubbub each have a Redis with the same configuration",
      "a contender that cannot carry the rate is measured at what it carries",
      WINDOW_LINE,
      LIMITS_LINE,
    ],
    rows,
    notes,
  };
}

async function runBare(rate: number): Promise<RunResult> {
  await using server = await startBareUws();
  const plan = planOf("bare", [{ port: server.port, members: crowdOf("", "room") }], []);
  const run = { ...openRun(rate, BASELINE_DRAIN_MS), groups: [{ name: "gateway", roots: [server.pid] }] };
  const result = await generate(plan, run, () => server.publish(rate, "room", TEXT_BYTES));
  await server.stopPublishing();
  return result;
}

async function runSocketIo(rate: number): Promise<RunResult> {
  await using socketIo = await startSocketIo("pub/sub", 2);
  const [first, second] = socketIo.servers;
  if (first === undefined || second === undefined) throw new Error("two servers were asked for");
  const crowds = [
    { port: first.port, members: crowdOf("", "room") },
    { port: second.port, members: Array.from({ length: SENDERS }, () => ({ token: "", rooms: [] })) },
  ];
  const groups = [
    { name: "gateway", roots: [first.pid] },
    { name: "second gateway", roots: [second.pid] },
    socketIo.redis,
  ];
  return await generate(planOf("socket.io", crowds, sendersTo("room")), {
    ...openRun(rate, BASELINE_DRAIN_MS),
    groups,
  });
}

async function runHubbub(bench: Bench, rate: number): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, 2, 0);
  const [first, second] = hubbub.gateways;
  if (first === undefined || second === undefined) throw new Error("two gateways were asked for");
  const people = await hubbub.people.create(RECEIVERS + SENDERS);
  const [room = ""] = await hubbub.people.createRooms([people]);
  const members = people.map(({ token }, index) => ({ token, rooms: index < RECEIVERS ? [room] : [] }));
  const crowds = [
    { port: first.port, members: members.slice(0, RECEIVERS) },
    { port: second.port, members: members.slice(RECEIVERS) },
  ];
  const groups = [
    { name: "gateway", roots: [first.pid] },
    { name: "second gateway", roots: [second.pid] },
    hubbub.redis,
  ];
  return await generate(planOf("hubbub", crowds, sendersTo(room)), { ...openRun(rate, DRAIN_MS), groups });
}

function planOf(dialect: LoadPlan["dialect"], crowds: LoadPlan["crowds"], senders: readonly Sender[]): LoadPlan {
  return { dialect, crowds, senders, textBytes: TEXT_BYTES, copies: RECEIVERS, timeDeliveries: false };
}

function openRun(rate: number, drainMs: number): Omit<Run, "groups"> {
  return { drive: { open: rate }, warmupMs: WARMUP_MS, windowMs: WINDOW_MS, drainMs };
}

function crowdOf(token: string, room: string): { token: string; rooms: string[] }[] {
  return Array.from({ length: RECEIVERS }, () => ({ token, rooms: [room] }));
}

function sendersTo(room: string): Sender[] {
  return Array.from({ length: SENDERS }, (_, member) => ({ crowd: SENDERS_CROWD, member, room }));
}

function perGatewaySecond(results: readonly RunResult[]): number {
  return total(results, ({ window }) => window.delivered) / total(results, (result) => cpuOf(result, ["gateway"]));
}

function notesOf(rate: number, contenders: Readonly<Record<string, readonly RunResult[]>>): string[] {
  return Object.entries(contenders).map(([name, results]) => {
    const seconds = total(results, ({ windowSeconds }) => windowSeconds);
    const carried = total(results, ({ window }) => window.delivered) / RECEIVERS / seconds;
    return `${rate} msg/s, ${cpuLine(name, results)}; carried ${carried.toFixed(0)} msg/s; by round ${results.map((result) => thousands(perGatewaySecond([result]))).join(", ")}`;
  });
}

function thousands(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${(value / 1e3).toFixed(0)} k`;
}
