import { type Bench, TEXT_BYTES } from "../bench.ts";
import type { LoadPlan } from "../generator/load-plan.ts";
import type { OverloadResult, OverloadRun } from "../generator/overload-plan.ts";
import { startChild } from "../measure/child.ts";
import { Histogram } from "../measure/histogram.ts";
import { othersOf } from "../measure/machine-load.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { type BenchGroup, percentileLine, type Target } from "../measure/result.ts";
import { CENTRIFUGO_LINE, startCentrifugo } from "../under-test/centrifugo.ts";
import { LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";
import { CENTRIFUGO, HUBBUB, rowsOfPairs, runInTurn, valueAtMost } from "./in-turn.ts";
import { channelMembers, hubbubMembers, ROOM_SIZE, ROOMS_LINE, roomsOfFourPlan } from "./rooms-of-four.ts";

/** Enough that batching does not limit: 3,200 messages are unanswered at a time. */
const IN_FLIGHT = 16;
const FACTOR = 2;
const CALM = 0.5;
const RECOVERY_MS = 10_000;
const GOODPUT_PERCENT: Target = { direction: "at least", value: 90 };
const RECOVERY_S = 1;

type Results = readonly OverloadResult[];

/** Twice what it can carry, for a while: what is still served, and how soon it is over. */
export async function measureOverload(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const { rounds, warmupMs, windowMs, overloadMs } = bench.extent;
  const runs = await runInTurn(bench, "overload", [
    { name: CENTRIFUGO, run: () => runCentrifugo(bench) },
    { name: HUBBUB, run: () => runHubbub(bench) },
  ]);
  const pair = (target: Target) => [{ hubbub: HUBBUB, baseline: CENTRIFUGO, target }];
  const what = `overload, ${FACTOR} times the saturated rate for ${overloadMs / 1_000} s`;
  return {
    name: "overload",
    title: "Overload",
    date: new Date().toISOString(),
    conditions: [
      ROOMS_LINE,
      `each is driven to its saturation (${IN_FLIGHT} unanswered messages per sender) for ${warmupMs / 1_000} + ${windowMs / 1_000} s; then gets ${FACTOR} times that by the clock, whatever it answers; then ${CALM} times that for ${RECOVERY_MS / 1_000} s; text of ${TEXT_BYTES} B`,
      "nothing is sent a second time: a refused message is lost to the goodput",
      "recovered: from the end of the overload to the last refusal, or the last answer that took longer than 250 ms",
      "generator and servers share the cores: what is offered in fact is in the notes; Hubbub has one writer",
      CENTRIFUGO_LINE,
      `${rounds} rounds, the mean is taken`,
      LIMITS_LINE,
    ],
    rows: [
      ...rowsOfPairs(runs, pair(GOODPUT_PERCENT), {
        what: `${what}, goodput`,
        unit: "% of the saturated rate",
        value: (results) => mean(results, ({ goodput, saturated }) => (goodput / saturated) * 100),
        loss: () => null,
        print: (percent) => percent.toFixed(0),
      }),
      ...rowsOfPairs(runs, pair(valueAtMost(RECOVERY_S)), {
        what: `${what}, recovered`,
        unit: "s after its end",
        value: (results) => mean(results, ({ recoveryMs }) => (recoveryMs ?? Number.POSITIVE_INFINITY) / 1_000),
        loss: () => null,
        print: (seconds) =>
          seconds === Number.POSITIVE_INFINITY ? `not in ${RECOVERY_MS / 1_000}` : seconds.toFixed(2),
      }),
    ],
    notes: [...runs].flatMap(([name, results]) => notesOf(name, results)),
  };
}

async function runHubbub(bench: Bench): Promise<OverloadResult> {
  await using hubbub = await startHubbub(bench, { gateways: 1, writers: 1 });
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const plan = roomsOfFourPlan("hubbub", gateway.port, await hubbubMembers(hubbub.people));
  const beside = [hubbub.redis, ...hubbub.storing];
  return await run(bench, plan, [{ name: "gateway", roots: [gateway.pid] }, ...beside]);
}

async function runCentrifugo(bench: Bench): Promise<OverloadResult> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 1 });
  const [node] = centrifugo.nodes;
  if (node === undefined) throw new Error("a node was asked for");
  const plan = roomsOfFourPlan("centrifugo", node.port, channelMembers());
  return await run(bench, plan, [{ name: "gateway", roots: [node.pid] }, centrifugo.redis]);
}

async function run({ extent }: Bench, plan: LoadPlan, groups: readonly ProcessGroup[]): Promise<OverloadResult> {
  await using generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  await generator.ask("connect", { ...plan, timeDeliveries: false });
  const { warmupMs, windowMs, overloadMs } = extent;
  const settings: OverloadRun = {
    inFlight: IN_FLIGHT,
    warmupMs,
    windowMs,
    factor: FACTOR,
    calm: CALM,
    overloadMs,
    recoveryMs: RECOVERY_MS,
    copies: ROOM_SIZE,
    groups,
  };
  return await generator.ask<OverloadResult>("overload", settings);
}

function notesOf(name: string, results: Results): string[] {
  const cpu = Object.keys(results[0]?.cpu ?? {}).map((group) => {
    const cores = mean(results, (result) => (result.cpu[group] ?? 0) / result.seconds);
    return `${group} ${cores.toFixed(2)} (${mean(results, (result) => result.cpu[group] ?? 0).toFixed(2)})`;
  });
  const rounds = results.map(
    ({ saturated, offered, goodput, slowest, refused, refusedAfter, recoveryMs }) =>
      `saturated ${saturated.toFixed(0)}/s, offered ${offered.toFixed(0)}/s, acknowledged ${goodput.toFixed(0)}/s (worst second ${slowest.toFixed(0)}), refused ${refused} and ${refusedAfter} after it, recovered after ${recoveryMs === null ? "–" : `${recoveryMs.toFixed(0)} ms`}`,
  );
  const acks = new Histogram();
  for (const { ackMicroseconds } of results) acks.add(new Histogram(ackMicroseconds));
  const firstError = results.find((result) => result.firstError !== "")?.firstError;
  return [
    `${name}, by round: ${rounds.join("; ")}`,
    `${name}, overloaded: cores in use (CPU-s): ${cpu.join(", ")}; others ${othersOf(results)}; publish to ack ${percentileLine(acks)}${firstError === undefined ? "" : `; first refusal: ${firstError}`}`,
  ];
}

function mean(results: Results, of: (result: OverloadResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0) / results.length;
}
