import { BASELINE_DRAIN_MS, type Bench, DRAIN_MS, type Extent, TEXT_BYTES } from "../bench.ts";
import { channelOf } from "../generator/centrifugo-dialect.ts";
import type { Member } from "../generator/dialect.ts";
import type { LoadPlan, Run, RunResult, Sender } from "../generator/load-plan.ts";
import { startBareUws, startSocketIo } from "../under-test/baseline.ts";
import { centrifugoToken, startCentrifugo } from "../under-test/centrifugo.ts";
import { generate } from "../under-test/generator.ts";
import { startHubbub, UNGATHERED } from "../under-test/hubbub.ts";
import {
  BARE_UWS,
  CENTRIFUGO,
  CENTRIFUGO_ONE,
  type Contender,
  HUBBUB,
  HUBBUB_UNGATHERED,
  SOCKET_IO,
} from "./in-turn.ts";

/** One run of each contender with one room of 500: started, loaded, stopped. */

export const RECEIVERS = 500;
export const SENDERS = 10;
/** All receivers are on the first server, all senders on the second: what arrives has come through Redis. */
const SENDERS_CROWD = 1;

export function fanOutContenders(bench: Bench, rate: number): Contender<RunResult>[] {
  return [
    { name: BARE_UWS, run: () => runBare(bench.extent, rate) },
    { name: SOCKET_IO, run: () => runSocketIo(bench.extent, rate) },
    { name: CENTRIFUGO, run: () => runCentrifugo(bench, rate) },
    { name: CENTRIFUGO_ONE, run: () => runCentrifugo(bench, rate, 1) },
    { name: HUBBUB, run: () => runHubbub(bench, rate) },
    { name: HUBBUB_UNGATHERED, run: () => runHubbub(bench, rate, UNGATHERED) },
  ];
}

async function runBare(extent: Extent, rate: number): Promise<RunResult> {
  await using server = await startBareUws();
  const plan = planOf("bare", [{ port: server.port, members: membersOf("room") }], []);
  const run = { ...openRun(extent, rate, BASELINE_DRAIN_MS), groups: [{ name: "gateway", roots: [server.pid] }] };
  const result = await generate(plan, run, () => server.publish(rate, "room", TEXT_BYTES));
  await server.stopPublishing();
  return result;
}

async function runSocketIo(extent: Extent, rate: number): Promise<RunResult> {
  await using socketIo = await startSocketIo("pub/sub", 2);
  const pair = pairOf(socketIo.servers);
  const plan = planOf("socket.io", pair.crowds(membersOf("room")), sendersTo("room"));
  return await generate(plan, {
    ...openRun(extent, rate, BASELINE_DRAIN_MS),
    groups: [...pair.groups, socketIo.redis],
  });
}

async function runCentrifugo(bench: Bench, rate: number, maxProcs?: number): Promise<RunResult> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 2, maxProcs });
  const pair = pairOf(centrifugo.nodes);
  const channel = channelOf(0);
  const members = membersOf(channel).map(({ rooms }, index) => ({ token: centrifugoToken(`bench-${index}`), rooms }));
  return await generate(planOf("centrifugo", pair.crowds(members), sendersTo(channel)), {
    ...openRun(bench.extent, rate, BASELINE_DRAIN_MS),
    groups: [...pair.groups, centrifugo.redis],
  });
}

async function runHubbub(bench: Bench, rate: number, settings?: Readonly<Record<string, string>>): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, { gateways: 2, writers: 0, settings });
  const pair = pairOf(hubbub.gateways);
  const people = await hubbub.people.create(RECEIVERS + SENDERS);
  const [room = ""] = await hubbub.people.createRooms([people]);
  const members = people.map(({ token }, index) => ({ token, rooms: index < RECEIVERS ? [room] : [] }));
  return await generate(planOf("hubbub", pair.crowds(members), sendersTo(room)), {
    ...openRun(bench.extent, rate, DRAIN_MS),
    groups: [...pair.groups, hubbub.redis, ...hubbub.storing],
  });
}

type Server = { readonly pid: number; readonly port: number };

/** The server of the receivers, whose CPU counts, and that of the senders. */
function pairOf([first, second]: readonly Server[]) {
  if (first === undefined || second === undefined) throw new Error("two servers were asked for");
  return {
    groups: [
      { name: "gateway", roots: [first.pid] },
      { name: "second gateway", roots: [second.pid] },
    ],
    crowds: (members: readonly Member[]) => [
      { port: first.port, members: members.slice(0, RECEIVERS) },
      { port: second.port, members: members.slice(RECEIVERS) },
    ],
  };
}

function planOf(dialect: LoadPlan["dialect"], crowds: LoadPlan["crowds"], senders: readonly Sender[]): LoadPlan {
  return { dialect, crowds, senders, textBytes: TEXT_BYTES, copies: RECEIVERS, timeDeliveries: false };
}

function openRun({ warmupMs, windowMs }: Extent, rate: number, drainMs: number): Omit<Run, "groups"> {
  return { drive: { open: rate }, warmupMs, windowMs, drainMs };
}

/** Receivers and, behind them, senders that hear nothing. */
function membersOf(room: string): Member[] {
  return Array.from({ length: RECEIVERS + SENDERS }, (_, index) => ({
    token: "",
    rooms: index < RECEIVERS ? [room] : [],
  }));
}

function sendersTo(room: string): Sender[] {
  return Array.from({ length: SENDERS }, (_, member) => ({ crowd: SENDERS_CROWD, member, room }));
}
