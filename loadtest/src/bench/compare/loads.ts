import { setTimeout as sleep } from "node:timers/promises";
import { DRAIN_MS, type Extent, TEXT_BYTES } from "../bench.ts";
import type { LoadPlan, Run, RunResult } from "../generator/load-plan.ts";
import { startChild } from "../measure/child.ts";
import type { MachineUse } from "../measure/machine-load.ts";
import type { CpuSeconds, ProcessGroup } from "../measure/process-usage.ts";
import { lossOf } from "../measure/result.ts";
import { readUsage, usageBetween } from "../measure/usage.ts";
import { RECEIVERS, SENDERS } from "../rows/fan-out-contenders.ts";
import { hubbubMembers, roomsOfFourPlan } from "../rows/rooms-of-four.ts";
import type { Hubbub } from "../under-test/hubbub.ts";
import type { Appended } from "./append-main.ts";
import type { BuildUnderTest } from "./build-under-test.ts";

/** CPU of each process of one build in one window, and what it was used for. */
export interface LoadedWindow {
  readonly cpu: CpuSeconds;
  /** Messages, deliveries or rows. */
  readonly count: number;
  readonly machine: MachineUse;
  readonly loss: string | null;
}

/** One build under one load. Nothing happens between two calls. */
export interface LoadedBuild extends AsyncDisposable {
  warmUp(): Promise<void>;
  window(): Promise<LoadedWindow>;
}

/** A load begins again after it has waited for the other build's window. */
const RESUME_MS = 1_000;
const SETTLE_POLL_MS = 100;
const SETTLE_DEADLINE_MS = 60_000;
const NO_WINDOW_MS = 0;

export async function loadAppend({ appender, postgres }: BuildUnderTest, extent: Extent): Promise<LoadedBuild> {
  const groups = [{ name: "store", roots: [appender.pid] }, postgres];
  const append = (ms: number): Promise<Appended> => appender.ask("append", ms);
  return {
    warmUp: async () => void (await append(extent.warmupMs)),
    async window() {
      const before = readUsage(groups);
      const { rows } = await append(extent.windowMs);
      return { ...usageBetween(before, readUsage(groups)), count: rows, loss: null };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export async function loadAccept(build: BuildUnderTest, extent: Extent, rate: number): Promise<LoadedBuild> {
  const [{ pid, port }] = build.gateways;
  const plan = roomsOfFourPlan("hubbub", port, await hubbubMembers(build.hubbub.people));
  const groups = [{ name: "gateway", roots: [pid] }, build.hubbub.redis];
  return loadByClock(plan, extent, rate, { groups, countOf: ({ window }) => window.acked });
}

export async function loadFanOut(build: BuildUnderTest, extent: Extent, rate: number): Promise<LoadedBuild> {
  const [receiving, sending] = build.gateways;
  const people = await build.hubbub.people.create(RECEIVERS + SENDERS);
  const [room = ""] = await build.hubbub.people.createRooms([people]);
  const members = people.map(({ token }, index) => ({ token, rooms: index < RECEIVERS ? [room] : [] }));
  const plan: LoadPlan = {
    dialect: "hubbub",
    crowds: [
      { port: receiving.port, members: members.slice(0, RECEIVERS) },
      { port: sending.port, members: members.slice(RECEIVERS) },
    ],
    senders: Array.from({ length: SENDERS }, (_, member) => ({ crowd: 1, member, room })),
    ...{ textBytes: TEXT_BYTES, copies: RECEIVERS, timeDeliveries: false },
  };
  const groups = [{ name: "gateway", roots: [receiving.pid] }];
  return loadByClock(plan, extent, rate, { groups, countOf: ({ window }) => window.delivered });
}

interface Counting {
  readonly groups: readonly ProcessGroup[];
  readonly countOf: (result: RunResult) => number;
}

async function loadByClock(
  plan: LoadPlan,
  extent: Extent,
  rate: number,
  { groups, countOf }: Counting,
): Promise<LoadedBuild> {
  const generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  await generator.ask("connect", plan);
  const run = (warmupMs: number, windowMs: number): Promise<RunResult> =>
    generator.ask("run", { drive: { open: rate }, warmupMs, windowMs, drainMs: DRAIN_MS, groups } satisfies Run);
  return {
    warmUp: async () => void (await run(extent.warmupMs, NO_WINDOW_MS)),
    async window() {
      const result = await run(RESUME_MS, extent.windowMs);
      return { cpu: result.cpu, count: countOf(result), machine: result.machine, loss: lossOf([result]) };
    },
    [Symbol.asyncDispose]: () => generator[Symbol.asyncDispose](),
  };
}

/** A window ends when everything is stored, and indexed where there is an index: later work is counted, too. */
export async function loadPath(
  build: BuildUnderTest,
  extent: Extent,
  rate: number,
  writer: ProcessGroup,
): Promise<LoadedBuild> {
  const [{ pid, port }] = build.gateways;
  const { hubbub } = build;
  const generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  await generator.ask("connect", roomsOfFourPlan("hubbub", port, await hubbubMembers(hubbub.people)));
  const counted = [{ name: "gateway", roots: [pid] }, hubbub.redis, writer, hubbub.postgres];
  const groups = [...counted, { name: "generator", roots: [generator.pid] }];
  let acked = 0;
  const through = async (ms: number): Promise<LoadedWindow> => {
    const before = readUsage(groups);
    const run: Run = { drive: { open: rate }, warmupMs: 0, windowMs: ms, drainMs: DRAIN_MS, groups: [] };
    const result = await generator.ask<RunResult>("run", run);
    const count = result.total.acked - acked;
    acked = result.total.acked;
    await settle(hubbub);
    return { ...usageBetween(before, readUsage(groups)), count, loss: lossOf([result]) };
  };
  return {
    warmUp: async () => void (await through(extent.warmupMs)),
    window: () => through(extent.windowMs),
    [Symbol.asyncDispose]: () => generator[Symbol.asyncDispose](),
  };
}

/** Waits until nothing is left to store and to index. */
export async function settle({ people }: Hubbub): Promise<void> {
  const deadline = performance.now() + SETTLE_DEADLINE_MS;
  let last = -1;
  for (;;) {
    const stored = await people.storedHeads();
    if (stored === last && (await people.isIndexed())) return;
    if (performance.now() > deadline) throw new Error("rows or their index did not follow");
    last = stored;
    await sleep(SETTLE_POLL_MS);
  }
}
