import { type Bench, DRAIN_MS } from "../bench.ts";
import type { Run, RunResult } from "../generator/load-plan.ts";
import { startBareAccept, startSocketIo } from "../under-test/baseline.ts";
import { startCentrifugo } from "../under-test/centrifugo.ts";
import { generate } from "../under-test/generator.ts";
import { startHubbub, UNGATHERED } from "../under-test/hubbub.ts";
import {
  BARE_ACCEPT,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  type Contender,
  HUBBUB,
  HUBBUB_UNGATHERED,
  SOCKET_IO,
} from "./in-turn.ts";
import { anybodyInRooms, channelMembers, hubbubMembers, namedMembers, roomsOfFourPlan } from "./rooms-of-four.ts";

/** `writers`: a gateway keeps at most 500,000 events that are not stored, and saturated it has them within the run. */
export interface AcceptLoad {
  readonly drive: Run["drive"];
  readonly writers: number;
}

export function acceptContenders(bench: Bench, load: AcceptLoad): Contender<RunResult>[] {
  const { warmupMs, windowMs } = bench.extent;
  const run = { drive: load.drive, warmupMs, windowMs, drainMs: DRAIN_MS };
  return [
    { name: SOCKET_IO, run: () => runSocketIo(run) },
    { name: CENTRIFUGO, run: () => runCentrifugo(bench, run) },
    { name: CENTRIFUGO_ONE, run: () => runCentrifugo(bench, run, 1) },
    { name: BARE_ACCEPT, run: () => runBareAccept(run) },
    { name: HUBBUB, run: () => runHubbub(bench, run, load.writers) },
    { name: HUBBUB_UNGATHERED, run: () => runHubbub(bench, run, load.writers, UNGATHERED) },
  ];
}

type Timing = Omit<Run, "groups">;

async function runSocketIo(run: Timing): Promise<RunResult> {
  await using socketIo = await startSocketIo("streams", 1);
  const [server] = socketIo.servers;
  if (server === undefined) throw new Error("a server was asked for");
  const groups = [{ name: "gateway", roots: [server.pid] }, socketIo.redis];
  return await generate(roomsOfFourPlan("socket.io", server.port, namedMembers()), { ...run, groups });
}

async function runCentrifugo(bench: Bench, run: Timing, maxProcs?: number): Promise<RunResult> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 1, maxProcs });
  const [node] = centrifugo.nodes;
  if (node === undefined) throw new Error("a node was asked for");
  const groups = [{ name: "gateway", roots: [node.pid] }, centrifugo.redis];
  return await generate(roomsOfFourPlan("centrifugo", node.port, channelMembers()), { ...run, groups });
}

async function runBareAccept(run: Timing): Promise<RunResult> {
  await using bare = await startBareAccept();
  const groups = [{ name: "gateway", roots: [bare.pid] }, bare.redis];
  return await generate(roomsOfFourPlan("hubbub", bare.port, anybodyInRooms()), { ...run, groups });
}

async function runHubbub(
  bench: Bench,
  run: Timing,
  writers: number,
  settings?: Readonly<Record<string, string>>,
): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, { gateways: 1, writers, settings });
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const groups = [{ name: "gateway", roots: [gateway.pid] }, hubbub.redis, ...hubbub.storing];
  const members = await hubbubMembers(hubbub.people);
  return await generate(roomsOfFourPlan("hubbub", gateway.port, members), { ...run, groups });
}
