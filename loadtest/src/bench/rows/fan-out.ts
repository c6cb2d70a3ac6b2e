import { type Bench, ROUNDS, WINDOW_LINE } from "../bench.ts";
import type { RunResult } from "../generator/load-plan.ts";
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
import { LIMITS_LINE } from "../under-test/hubbub.ts";
import { RECEIVERS, runBare, runHubbub, runSocketIo, SENDERS } from "./fan-out-contenders.ts";

const LOADS = [
  { rate: 300, overBare: 1.5, overSocketIo: 4 },
  { rate: 2_000, overBare: 6, overSocketIo: 12 },
] as const;
type FanOutLoad = (typeof LOADS)[number];
const UNIT = "deliveries per gateway CPU-second";

/** One room of 500: what a delivery costs the gateway that has the connections. */
export async function measureFanOut(bench: Bench): Promise<BenchGroup> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const load of LOADS) {
    const runs = await runRounds(bench, load.rate);
    rows.push(...rowsOf(load, runs));
    notes.push(...notesOf(load.rate, { "bare uWS": runs.bare, "Socket.IO": runs.socketIo, Hubbub: runs.hubbub }));
    const acks = merged(runs.hubbub, ({ ackMicroseconds }) => ackMicroseconds);
    const deliveries = merged(runs.hubbub, ({ deliveryMicroseconds }) => deliveryMicroseconds);
    notes.push(
      `${load.rate} msg/s, Hubbub: publish to ack ${percentileLine(acks)}; publish to delivery ${percentileLine(deliveries)} (on the connection read in full)`,
    );
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

interface Runs {
  readonly bare: readonly RunResult[];
  readonly socketIo: readonly RunResult[];
  readonly hubbub: readonly RunResult[];
}

async function runRounds(bench: Bench, rate: number): Promise<Runs> {
  const bare: RunResult[] = [];
  const socketIo: RunResult[] = [];
  const hubbub: RunResult[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    bench.say(`fan-out at ${rate} msg/s, round ${round}: bare uWS, Socket.IO, Hubbub`);
    bare.push(await runBare(rate));
    socketIo.push(await runSocketIo(rate));
    hubbub.push(await runHubbub(bench, rate));
  }
  return { bare, socketIo, hubbub };
}

function rowsOf({ rate, overBare, overSocketIo }: FanOutLoad, { bare, socketIo, hubbub }: Runs): BenchRow[] {
  const against = (name: string, results: readonly RunResult[], factor: number): BenchRow =>
    compare({
      what: `fan-out, ${RECEIVERS} connections, ${rate} msg/s`,
      unit: UNIT,
      hubbub: perGatewaySecond(hubbub),
      baseline: { name, value: perGatewaySecond(results) },
      target: { direction: "at least", factor },
      loss: lossOf(hubbub),
      print: thousands,
    });
  return [against("bare uWS", bare, overBare), against("Socket.IO", socketIo, overSocketIo)];
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
