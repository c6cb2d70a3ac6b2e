import { type Bench, windowLine } from "../bench.ts";
import type { Run, RunResult } from "../generator/load-plan.ts";
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
import { acceptContenders } from "./accept-contenders.ts";
import {
  atLeast,
  BARE_ACCEPT,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  HUBBUB,
  HUBBUB_UNGATHERED,
  type Pair,
  type Runs,
  rowsOfPairs,
  runInTurn,
  SOCKET_IO,
  valueAtMost,
} from "./in-turn.ts";
import { ROOMS_LINE } from "./rooms-of-four.ts";

/** Unanswered messages per sender where each runs at its own saturation. */
const IN_FLIGHT = 4;
/** Messages a second at which the time to the ack is a row too. */
const TIMED_RATE = 8_000;

interface Load {
  readonly what: string;
  readonly drive: Run["drive"];
  readonly writers: number;
  readonly pairs: readonly Pair[];
}

const LOADS: readonly Load[] = [
  { what: "accept, 1000 msg/s", drive: { open: 1_000 }, writers: 0, pairs: pairsWith(null, 1.5) },
  { what: `accept, ${TIMED_RATE} msg/s`, drive: { open: TIMED_RATE }, writers: 0, pairs: pairsWith(2, 1.5) },
  {
    what: `accept, saturated (${IN_FLIGHT} unanswered per sender)`,
    drive: { closed: IN_FLIGHT },
    writers: 1,
    pairs: pairsWith(3, null),
  },
];
const COUNTED = ["gateway", "redis"];

/** Many small rooms: what it costs to take a message in, number it, keep it, deliver it and acknowledge it. */
export async function measureAccept(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const { what, drive, writers, pairs } of LOADS) {
    const runs = await runInTurn(bench, what, acceptContenders(bench, { drive, writers }));
    rows.push(
      ...rowsOfPairs(runs, pairs, {
        what,
        unit: "acked messages per CPU-second of gateway + Redis",
        value: perCpuSecond,
        loss: lossOf,
        print: thousands,
      }),
    );
    if ("open" in drive && drive.open === TIMED_RATE) rows.push(...timesOf(runs, what));
    for (const [name, results] of runs) notes.push(...notesOf(what, name, results));
  }
  return {
    name: "accept",
    title: "Accept",
    date: new Date().toISOString(),
    conditions: [
      ROOMS_LINE,
      "Socket.IO 4 with @socket.io/redis-streams-adapter, emit with ack: its ack says that the message was handed to Redis and to local connections, Hubbub's and Centrifugo's that Redis has numbered it and keeps it",
      "up to 8000 msg/s no writer runs: what storing costs is in the row of the whole path. Saturated, one runs on the same cores and is not counted, but what Redis does for it is: a gateway keeps no more than 500,000 events that are not stored",
      "bare uWS + Redis: one process with uWebSockets.js and two raw sockets to Redis; each message is one call of a script that numbers, keeps and publishes it, one delivery by pub/sub and one ack; nothing is checked, deduplicated, batched or repaired. It is the floor of this stack, not an alternative",
      CENTRIFUGO_LINE,
      windowLine(bench.extent),
      LIMITS_LINE,
    ],
    rows,
    notes,
  };
}

function pairsWith(overSocketIo: number | null, ungatheredOverCentrifugo: number | null): Pair[] {
  const target = (factor: number | null) => (factor === null ? null : atLeast(factor));
  return [
    { hubbub: HUBBUB, baseline: SOCKET_IO, target: target(overSocketIo) },
    { hubbub: HUBBUB, baseline: CENTRIFUGO, target: null },
    { hubbub: HUBBUB, baseline: CENTRIFUGO_ONE, target: null },
    { hubbub: HUBBUB_UNGATHERED, baseline: CENTRIFUGO, target: target(ungatheredOverCentrifugo) },
    { hubbub: HUBBUB_UNGATHERED, baseline: BARE_ACCEPT, target: null },
  ];
}

function timesOf(runs: Runs<RunResult>, what: string): BenchRow[] {
  const at = (share: number, mostMs: number): BenchRow[] =>
    rowsOfPairs(runs, [{ hubbub: HUBBUB, baseline: CENTRIFUGO, target: valueAtMost(mostMs) }], {
      what: `${what}, p${share * 100}`,
      unit: "ms, publish to ack",
      value: (results) => merged(results, ({ ackMicroseconds }) => ackMicroseconds).percentile(share) / 1_000,
      loss: lossOf,
      print: (ms) => ms.toFixed(2),
    });
  return [...at(0.5, 1), ...at(0.99, 5)];
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
  const rounds = results.map((result) => thousands(perCpuSecond([result])));
  return [
    `${what}, ${cpuLine(name, results)}; ${(acked / seconds).toFixed(0)} acked/s; gateway ${each("gateway")} µs + Redis ${each("redis")} µs per message; by round ${rounds.join(", ")}`,
    `${what}, ${name}: publish to ack ${percentileLine(acks)}; publish to delivery ${percentileLine(deliveries)}`,
  ];
}

function thousands(value: number): string {
  return `${(value / 1e3).toFixed(1)} k`;
}
