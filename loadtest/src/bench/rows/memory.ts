import type { Bench } from "../bench.ts";
import { othersOf } from "../measure/machine-load.ts";
import type { BenchGroup, BenchRow } from "../measure/result.ts";
import { CENTRIFUGO_LINE } from "../under-test/centrifugo.ts";
import { LIMITS_LINE } from "../under-test/hubbub.ts";
import {
  atMost,
  BARE_UWS,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  HUBBUB,
  type Pair,
  type Runs,
  rowsOfPairs,
  runInTurn,
  valueAtMost,
} from "./in-turn.ts";
import { type Growth, memoryContenders, ROOMS, ROOMS_EACH, WARMING } from "./memory-contenders.ts";

const BYTES_PER_KIB = 1_024;
const MOST_KIB = 2;
const PAIRS: readonly Pair[] = [
  { hubbub: HUBBUB, baseline: BARE_UWS, target: atMost(2) },
  { hubbub: HUBBUB, baseline: CENTRIFUGO, target: valueAtMost(MOST_KIB) },
  { hubbub: HUBBUB, baseline: CENTRIFUGO_ONE, target: null },
];

/** What a connection that says nothing costs the process that holds it. */
export async function measureMemory(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const { connections, rounds, settleMs } = bench.extent;
  const runs = await runInTurn(bench, `memory of ${connections} idle connections`, memoryContenders(bench));
  const seconds = settleMs.map((ms) => ms / 1_000);
  return {
    name: "memory",
    title: "Memory",
    date: new Date().toISOString(),
    conditions: [
      `${connections} connections of ${connections} users to one gateway, each in ${ROOMS_EACH} of ${ROOMS} rooms; growth of VmRSS from before the first to ${seconds.join(", ")} s after the last, divided by the connections`,
      `${WARMING} of them have come and gone before, so that code and heap have their size`,
      `bare uWS: the same connections, each with ${ROOMS_EACH} of ${ROOMS} topics and a small user object`,
      "memory of the kernel for each TCP connection is in none; garbage of the handshakes is in all",
      CENTRIFUGO_LINE,
      `${rounds} rounds, the mean is taken`,
      LIMITS_LINE,
    ],
    rows: settleMs.flatMap((_, at) => rowsAt(bench, runs, at)),
    notes: [...runs].map(([name, results]) => noteOf(name, results, seconds)),
  };
}

function rowsAt({ extent }: Bench, runs: Runs<Growth>, at: number): BenchRow[] {
  return rowsOfPairs(runs, PAIRS, {
    what: `idle connection with ${ROOMS_EACH} rooms, ${extent.connections} connections, after ${(extent.settleMs[at] ?? 0) / 1_000} s`,
    unit: "KiB RSS per connection",
    value: (results) => results.reduce((sum, { bytes }) => sum + kibibytes(bytes[at]), 0) / results.length,
    loss: () => null,
    print: (value) => value.toFixed(1),
  });
}

function noteOf(name: string, results: readonly Growth[], seconds: readonly number[]): string {
  const rounds = results.map(({ bytes }) => bytes.map((value) => kibibytes(value).toFixed(1)).join(", "));
  const idle = results.reduce((sum, { idleCpu }) => sum + idleCpu, 0) / results.length;
  return `${name}: KiB after ${seconds.join(", ")} s by round: ${rounds.join("; ")}; the idle server used ${idle.toFixed(2)} CPU-s until then; others ${othersOf(results)}`;
}

function kibibytes(bytes: number | undefined): number {
  return (bytes ?? Number.NaN) / BYTES_PER_KIB;
}
