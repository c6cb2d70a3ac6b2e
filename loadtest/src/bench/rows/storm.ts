import { type Bench, TEXT_BYTES } from "../bench.ts";
import type { ReconnectTimes, StormResult, Talked } from "../generator/storm-plan.ts";
import { Histogram } from "../measure/histogram.ts";
import { othersOf } from "../measure/machine-load.ts";
import type { CpuSeconds } from "../measure/process-usage.ts";
import { type BenchGroup, type BenchRow, percentileLine } from "../measure/result.ts";
import { CENTRIFUGO_LINE } from "../under-test/centrifugo.ts";
import { LIMITS_LINE } from "../under-test/hubbub.ts";
import {
  atMost,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  HUBBUB,
  type Measured,
  type Pair,
  type Runs,
  rowsOfPairs,
  runInTurn,
  valueAtMost,
} from "./in-turn.ts";
import { RATE, ROOM_SIZE, SPREAD_MS, stormContenders } from "./storm-contenders.ts";

type Results = readonly StormResult[];
const P99_MS = 50;

/** A node is killed and its clients come back to the one that is left, where others go on talking. */
export async function measureStorm(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const { clients, rounds, windowMs } = bench.extent;
  const runs = await runInTurn(bench, `storm of ${clients} clients`, stormContenders(bench));
  return {
    name: "storm",
    title: "Reconnect storm",
    date: new Date().toISOString(),
    conditions: [
      `two nodes; ${clients} clients on the first, as many on the second; ${ROOM_SIZE} of each in one room, with a talker on the second; the talkers send ${RATE} msg/s of ${TEXT_BYTES} B in all, open loop`,
      `the first node is killed (SIGKILL); first tries are spread at random over ${SPREAD_MS} ms, a failed one is repeated after 0.25 to 0.5 s, doubled each time; a client connects, shows its token, subscribes from its last event, each after the answer to what came before; it is back when that is confirmed and it has what it missed`,
      "the second time, 2 s after all are back, the same clients break their connections and come back to the survivor in the same way: its code is compiled (JIT) by then",
      "CPU is that of the survivor from the break until 99 % are back, what it does for the talkers included; talkers are timed until a second later",
      "Hubbub checks a signature (RS256), a revocation and a membership for each client, and one writer stores",
      CENTRIFUGO_LINE,
      `${rounds} rounds, the mean is taken; the talkers alone were measured for ${windowMs / 1_000} s before the kill`,
      LIMITS_LINE,
    ],
    rows: rowsOf(runs, clients),
    notes: [...runs].flatMap(([name, results]) => notesOf(name, results)),
  };
}

function rowsOf(runs: Runs<StormResult>, clients: number): BenchRow[] {
  const row = rowOf(runs, clients);
  const against = (factor: number): Pair[] => [
    { hubbub: HUBBUB, baseline: CENTRIFUGO, target: atMost(factor) },
    { hubbub: HUBBUB, baseline: CENTRIFUGO_ONE, target: null },
  ];
  const returnOf = (which: string, of: (result: StormResult) => ReconnectTimes): BenchRow[] => [
    ...row(against(1), {
      what: `${which}99 % back`,
      unit: "s from the break",
      value: (results) => mean(results, (result) => (of(result).mostMs ?? Number.POSITIVE_INFINITY) / 1_000),
      print: (seconds) => seconds.toFixed(2),
    }),
    ...row(against(1.2), {
      what: `${which}until then`,
      unit: "CPU-seconds of the survivor",
      value: (results) => mean(results, (result) => of(result).cpu["survivor"] ?? 0),
      print: (seconds) => seconds.toFixed(2),
    }),
  ];
  return [
    ...returnOf("", (result) => result),
    ...row([{ hubbub: HUBBUB, baseline: CENTRIFUGO, target: null }], {
      what: "until then",
      unit: "CPU-seconds of the survivor, Redis, writer and Postgres",
      value: (results) => mean(results, ({ cpu: { generator = 0, ...servers } }) => sumOf(servers)),
      print: (seconds) => seconds.toFixed(2),
    }),
    ...returnOf("the second time, ", ({ again }) => again),
    ...talkersOf(runs, clients),
  ];
}

function talkersOf(runs: Runs<StormResult>, clients: number): BenchRow[] {
  const row = rowOf(runs, clients);
  const within = (value: number): Pair[] => [{ hubbub: HUBBUB, baseline: CENTRIFUGO, target: valueAtMost(value) }];
  return [
    ...row(within(P99_MS), {
      what: "talkers meanwhile, p99",
      unit: "ms, publish to ack",
      value: (results) => acksOf(results).percentile(0.99) / 1_000,
      print: (ms) => ms.toFixed(1),
    }),
    ...row(within(0), {
      what: "talkers, publishes refused",
      unit: "messages a round",
      value: (results) => mean(results, ({ talked }) => talked.refused),
      print: (count) => count.toFixed(0),
    }),
  ];
}

function rowOf(runs: Runs<StormResult>, clients: number) {
  return (pairs: readonly Pair[], measured: Omit<Measured<StormResult>, "loss">): BenchRow[] =>
    rowsOfPairs(runs, pairs, { ...measured, what: `storm, ${clients} clients, ${measured.what}`, loss: lossOf });
}

function lossOf(results: Results): string | null {
  const faults = results.flatMap(({ clients, resumed, again, talked, faults: { order, unrecovered, behind } }) => [
    ...[resumed, again.resumed]
      .filter((back) => back !== clients)
      .map((back) => `${back} of ${clients} clients came back`),
    ...(order === 0 ? [] : [`${order} gaps or doubles`]),
    ...(unrecovered === 0 ? [] : [`${unrecovered} clients were not given what they missed`]),
    ...(behind === 0 ? [] : [`${behind} clients lack events in the end`]),
    ...unansweredOf(talked),
  ]);
  return faults.length === 0 ? null : faults.join("; ");
}

function unansweredOf({ sent, acked, refusedBefore, refused, firstError }: Talked): string[] {
  const unanswered = sent - acked - refusedBefore - refused;
  return [
    ...(unanswered === 0 ? [] : [`${unanswered} of ${sent} messages not answered`]),
    ...(refusedBefore + refused === 0
      ? []
      : [`${refusedBefore} messages refused before the kill and ${refused} after it, first error: ${firstError}`]),
  ];
}

function notesOf(name: string, results: Results): string[] {
  const groups = Object.keys(results[0]?.cpu ?? {});
  const cpu = groups.map((group) => {
    const used = mean(results, (result) => result.cpu[group] ?? 0);
    const quiet = mean(results, ({ quietCores, mostMs }) => ((quietCores[group] ?? 0) * (mostMs ?? 0)) / 1_000);
    return `${group} ${used.toFixed(2)} (${quiet.toFixed(2)} for the talkers in that time, by what they took before)`;
  });
  const rounds = results.map(
    ({ halfMs, mostMs, allMs, tries, again }) =>
      `half ${seconds(halfMs)}, 99 % ${seconds(mostMs)}, all ${seconds(allMs)} with ${tries} tries, the second time 99 % ${seconds(again.mostMs)}`,
  );
  const quiet = new Histogram();
  for (const { quietAckMicroseconds } of results) quiet.add(new Histogram(quietAckMicroseconds));
  const loss = lossOf(results);
  return [
    `${name}, by round: ${rounds.join("; ")}`,
    `${name}, CPU-s until 99 % were back: ${cpu.join(", ")}; others ${othersOf(results)}`,
    `${name}, talkers: publish to ack ${percentileLine(acksOf(results))}; before the kill ${percentileLine(quiet)}; refused ${results.map(({ talked }) => `${talked.refused} of ${talked.sent}`).join(", ")}`,
    ...(loss === null || name === HUBBUB ? [] : [`${name}: ${loss}`]),
  ];
}

function acksOf(results: Results): Histogram {
  const sum = new Histogram();
  for (const { ackMicroseconds } of results) sum.add(new Histogram(ackMicroseconds));
  return sum;
}

function mean(results: Results, of: (result: StormResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0) / results.length;
}

function sumOf(cpu: CpuSeconds): number {
  return Object.values(cpu).reduce((sum, used) => sum + used, 0);
}

function seconds(ms: number | null): string {
  return ms === null ? "never" : `${(ms / 1_000).toFixed(2)} s`;
}
