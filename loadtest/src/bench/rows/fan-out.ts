import { type Bench, windowLine } from "../bench.ts";
import type { RunResult } from "../generator/load-plan.ts";
import {
  type BenchGroup,
  type BenchRow,
  cpuLine,
  cpuOf,
  lossOf,
  merged,
  percentileLine,
  total,
} from "../measure/result.ts";
import { CENTRIFUGO_LINE } from "../under-test/centrifugo.ts";
import { LIMITS_LINE } from "../under-test/hubbub.ts";
import { fanOutContenders, RECEIVERS, SENDERS } from "./fan-out-contenders.ts";
import {
  atLeast,
  BARE_UWS,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  HUBBUB,
  HUBBUB_UNGATHERED,
  type Pair,
  type Runs,
  rowsOfPairs,
  runInTurn,
  SOCKET_IO,
} from "./in-turn.ts";

const LOADS: readonly { readonly rate: number; readonly pairs: readonly Pair[] }[] = [
  {
    rate: 300,
    pairs: [
      { hubbub: HUBBUB, baseline: BARE_UWS, target: atLeast(1.5) },
      { hubbub: HUBBUB, baseline: SOCKET_IO, target: atLeast(4) },
      { hubbub: HUBBUB, baseline: CENTRIFUGO, target: atLeast(4) },
      { hubbub: HUBBUB, baseline: CENTRIFUGO_ONE, target: null },
      { hubbub: HUBBUB_UNGATHERED, baseline: CENTRIFUGO, target: atLeast(1.8) },
    ],
  },
  {
    rate: 2_000,
    pairs: [
      { hubbub: HUBBUB, baseline: BARE_UWS, target: atLeast(6) },
      { hubbub: HUBBUB, baseline: SOCKET_IO, target: atLeast(12) },
      { hubbub: HUBBUB, baseline: CENTRIFUGO, target: null },
      { hubbub: HUBBUB, baseline: CENTRIFUGO_ONE, target: null },
      { hubbub: HUBBUB_UNGATHERED, baseline: CENTRIFUGO, target: null },
    ],
  },
];

/** One room of 500: what a delivery costs the gateway that has the connections. */
export async function measureFanOut(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const { rate, pairs } of LOADS) {
    const runs = await runInTurn(bench, `fan-out at ${rate} msg/s`, fanOutContenders(bench, rate));
    rows.push(
      ...rowsOfPairs(runs, pairs, {
        what: `fan-out, ${RECEIVERS} connections, ${rate} msg/s`,
        unit: "deliveries per gateway CPU-second",
        value: perGatewaySecond,
        loss: lossOf,
        print: thousands,
      }),
    );
    notes.push(...notesOf(rate, runs));
  }
  return {
    name: "fan-out",
    title: "Fan-out through Redis",
    date: new Date().toISOString(),
    conditions: [
      `${RECEIVERS} connections in one room on one server, ${SENDERS} senders on a second one; only the first server's CPU time counts`,
      "bare uWS publishes from its own memory, at most one message per turn of its event loop, and has no second server",
      "Socket.IO 4, WebSocket only, @socket.io/redis-adapter; each contender with Redis has one of its own with the same configuration",
      CENTRIFUGO_LINE,
      "a contender that cannot carry the rate is measured at what it carries",
      windowLine(bench.extent),
      LIMITS_LINE,
    ],
    rows,
    notes,
  };
}

function perGatewaySecond(results: readonly RunResult[]): number {
  return total(results, ({ window }) => window.delivered) / total(results, (result) => cpuOf(result, ["gateway"]));
}

function notesOf(rate: number, runs: Runs<RunResult>): string[] {
  return [...runs].flatMap(([name, results]) => {
    const seconds = total(results, ({ windowSeconds }) => windowSeconds);
    const carried = total(results, ({ window }) => window.delivered) / RECEIVERS / seconds;
    const rounds = results.map((result) => thousands(perGatewaySecond([result])));
    const acks = merged(results, ({ ackMicroseconds }) => ackMicroseconds);
    const deliveries = merged(results, ({ deliveryMicroseconds }) => deliveryMicroseconds);
    return [
      `${rate} msg/s, ${cpuLine(name, results)}; carried ${carried.toFixed(0)} msg/s; by round ${rounds.join(", ")}`,
      `${rate} msg/s, ${name}: publish to ack ${percentileLine(acks)}; publish to delivery ${percentileLine(deliveries)} (on the connection read in full)`,
    ];
  });
}

function thousands(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${(value / 1e3).toFixed(0)} k`;
}
