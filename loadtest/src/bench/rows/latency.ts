import { type Bench, TEXT_BYTES } from "../bench.ts";
import type { RunResult } from "../generator/load-plan.ts";
import { Histogram } from "../measure/histogram.ts";
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
import { CENTRIFUGO_LINE } from "../under-test/centrifugo.ts";
import { LIMITS_LINE } from "../under-test/hubbub.ts";
import { atMost, CENTRIFUGO, CENTRIFUGO_ONE, HUBBUB, type Pair, type Runs, rowsOfPairs, runInTurn } from "./in-turn.ts";
import { RATE, ROOMS, runCentrifugo, runHubbub } from "./latency-contenders.ts";

const COUNTED = ["first gateway", "second gateway", "redis"];
const OVER_BARE = 6;
const SHARES = [0.5, 0.99, 0.999];

/** From a publish on one gateway to its delivery on the other, and the bare way through the same Redis. */
export async function measureLatency(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const bare = new Histogram();
  const runs = await runInTurn(bench, `latency at ${RATE} msg/s`, [
    { name: CENTRIFUGO, run: () => runCentrifugo(bench) },
    { name: CENTRIFUGO_ONE, run: () => runCentrifugo(bench, 1) },
    { name: HUBBUB, run: () => runHubbub(bench, bare) },
  ]);
  const { rounds, warmupMs, latencyWindowMs } = bench.extent;
  return {
    name: "latency",
    title: "Latency",
    date: new Date().toISOString(),
    conditions: [
      `two gateways, one writer; ${ROOMS} rooms, in each a sender on the first gateway and a receiver on the second; ${RATE} msg/s in all, open loop`,
      "a message counts from the moment it is sent; one that the generator sends more than a timer tick (1.5 ms) late counts from when it was due",
      "bare Redis: PUBLISH and SUBSCRIBE by ioredis in one process, same rate, same text, same Redis, right before",
      CENTRIFUGO_LINE,
      `${rounds} rounds of ${warmupMs / 1_000} s warm-up and ${latencyWindowMs / 1_000} s window; text of ${TEXT_BYTES} B`,
      LIMITS_LINE,
    ],
    rows: rowsOf(runs, bare),
    notes: [
      ...[...runs].flatMap(([name, results]) => notesOf(name, results)),
      `bare Redis: ${percentileLine(bare)} (${bare.total} messages)`,
    ],
  };
}

function rowsOf(runs: Runs<RunResult>, bare: Histogram): BenchRow[] {
  const pairs: Pair[] = [CENTRIFUGO, CENTRIFUGO_ONE].map((baseline) => ({ hubbub: HUBBUB, baseline, target: null }));
  const unit = "ms, publish to delivery";
  const what = `latency on the other gateway, ${RATE} msg/s`;
  const print = (ms: number): string => ms.toFixed(2);
  const own = runs.get(HUBBUB) ?? [];
  const overBare = (share: number): BenchRow =>
    compare({
      what: `${what}, p${share * 100}`,
      unit,
      hubbub: { value: millisecondsAt(share)(own), runs: own },
      baseline: { name: "bare Redis", value: bare.percentile(share) / 1_000, runs: own },
      target: share === 0.5 ? atMost(OVER_BARE) : null,
      loss: lossOf(own),
      print,
    });
  return [
    ...(own.length === 0 ? [] : SHARES.map(overBare)),
    ...SHARES.flatMap((share) =>
      rowsOfPairs(runs, pairs, {
        what: `${what}, p${share * 100}`,
        unit,
        value: millisecondsAt(share),
        loss: lossOf,
        print,
      }),
    ),
    ...rowsOfPairs(runs, pairs, {
      what: `${what}, CPU`,
      unit: "µs per message, both gateways + Redis",
      value: (results) =>
        (total(results, (result) => cpuOf(result, COUNTED)) / total(results, ({ window }) => window.acked)) * 1e6,
      loss: lossOf,
      print: (microseconds) => microseconds.toFixed(0),
    }),
  ];
}

function millisecondsAt(share: number): (results: readonly RunResult[]) => number {
  return (results) => deliveriesOf(results).percentile(share) / 1_000;
}

function deliveriesOf(results: readonly RunResult[]): Histogram {
  return merged(results, ({ deliveryMicroseconds }) => deliveryMicroseconds);
}

function notesOf(name: string, results: readonly RunResult[]): string[] {
  const deliveries = deliveriesOf(results);
  return [
    `${name}, publish to delivery: ${percentileLine(deliveries)} (${deliveries.total} messages)`,
    `${name}, publish to ack: ${percentileLine(merged(results, ({ ackMicroseconds }) => ackMicroseconds))}`,
    cpuLine(name, results),
  ];
}
