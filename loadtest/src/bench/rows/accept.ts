import { type Bench, DRAIN_MS, ROUNDS, WARMUP_MS, WINDOW_LINE, WINDOW_MS } from "../bench.ts";
import type { Run, RunResult } from "../generator/load-plan.ts";
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
import { startSocketIo } from "../under-test/baseline.ts";
import { generate } from "../under-test/generator.ts";
import { LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";
import { hubbubMembers, namedMembers, ROOMS_LINE, roomsOfFourPlan } from "./rooms-of-four.ts";

const RATE = 8_000;
/** Unanswered messages per sender where each runs at its own saturation. */
const IN_FLIGHT = 4;
/** `writers`: a gateway keeps at most 500,000 events that are not stored, and saturated it has them within the run. */
const LOADS = [
  { what: `accept, ${RATE} msg/s`, drive: { open: RATE }, writers: 0, target: 2 },
  {
    what: `accept, saturated (${IN_FLIGHT} unanswered per sender)`,
    drive: { closed: IN_FLIGHT },
    writers: 1,
    target: 3,
  },
] as const;
const COUNTED = ["gateway", "redis"];

/** Many small rooms: what it costs to take a message in, number it, keep it, deliver it and acknowledge it. */
export async function measureAccept(bench: Bench): Promise<BenchGroup> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const { what, drive, writers, target } of LOADS) {
    const run = { drive, warmupMs: WARMUP_MS, windowMs: WINDOW_MS, drainMs: DRAIN_MS };
    const socketIo: RunResult[] = [];
    const hubbub: RunResult[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      bench.say(`${what}, round ${round}: Socket.IO, Hubbub`);
      socketIo.push(await runSocketIo(run));
      hubbub.push(await runHubbub(bench, run, writers));
    }
    rows.push(
      compare({
        what,
        unit: "acked messages per CPU-second of gateway + Redis",
        hubbub: perCpuSecond(hubbub),
        baseline: { name: "Socket.IO", value: perCpuSecond(socketIo) },
        target: { direction: "at least", factor: target },
        loss: lossOf(hubbub),
        print: (value) => `${(value / 1e3).toFixed(1)} k`,
      }),
    );
    notes.push(...notesOf(what, "Socket.IO", socketIo), ...notesOf(what, "Hubbub", hubbub));
  }
  return {
    name: "accept",
    title: "Accept",
    date: new Date().toISOString(),
    conditions: [
      ROOMS_LINE,
      "Socket.IO 4 with @socket.io/redis-streams-adapter, emit with ack: its ack says that the message was handed to Redis and to local connections, Hubbub's that Redis has numbered it and keeps it in its log",
      "at 8000 msg/s no writer runs: what storing costs is in the row of the whole path. Saturated, one runs on the same cores and is not counted, but what Redis does for it is: a gateway keeps no more than 500,000 events that are not stored",
      WINDOW_LINE,
      LIMITS_LINE,
    ],
    rows,
    notes,
  };
}

type Load = Omit<Run, "groups">;

async function runSocketIo(run: Load): Promise<RunResult> {
  await using socketIo = await startSocketIo("streams", 1);
  const [server] = socketIo.servers;
  if (server === undefined) throw new Error("a server was asked for");
  const groups = [{ name: "gateway", roots: [server.pid] }, socketIo.redis];
  return await generate(roomsOfFourPlan("socket.io", server.port, namedMembers()), { ...run, groups });
}

async function runHubbub(bench: Bench, run: Load, writers: number): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, 1, writers);
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const groups = [{ name: "gateway", roots: [gateway.pid] }, hubbub.redis];
  const members = await hubbubMembers(hubbub.people);
  return await generate(roomsOfFourPlan("hubbub", gateway.port, members), { ...run, groups });
}

function perCpuSecond(results: readonly RunResult[]): number {
  return total(results, ({ window }) => window.acked) / total(results, (result) => cpuOf(result, COUNTED));
}

function notesOf(what: string, name: string, results: readonly RunResult[]): string[] {
  const seconds = total(results, ({ windowSeconds }) => windowSeconds);
  const acked = total(results, ({ window }) => window.acked);
  const each = (group: string): string =>
    ((total(results, (result) => cpuOf(result, [group])) / acked) * 1e6).toFixed(0);
  const acks = merged(results, ({ ackMicroseconds }) => ackMicroseconds);
  const deliveries = merged(results, ({ deliveryMicroseconds }) => deliveryMicroseconds);
  return [
    `${what}, ${cpuLine(name, results)}; ${(acked / seconds).toFixed(0)} acked/s; gateway ${each("gateway")} µs + Redis ${each("redis")} µs per message; by round ${results.map((result) => `${(perCpuSecond([result]) / 1e3).toFixed(1)} k`).join(", ")}`,
    `${what}, ${name}: publish to ack ${percentileLine(acks)}; publish to delivery ${percentileLine(deliveries)}`,
  ];
}
