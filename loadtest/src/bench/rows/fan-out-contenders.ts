import { BASELINE_DRAIN_MS, type Bench, DRAIN_MS, TEXT_BYTES, WARMUP_MS, WINDOW_MS } from "../bench.ts";
import type { LoadPlan, Run, RunResult, Sender } from "../generator/load-plan.ts";
import { startBareUws, startSocketIo } from "../under-test/baseline.ts";
import { generate } from "../under-test/generator.ts";
import { startHubbub } from "../under-test/hubbub.ts";

/** One run of each contender with one room of 500: started, loaded, stopped. */

export const RECEIVERS = 500;
export const SENDERS = 10;
/** All receivers are on the first server, all senders on the second: what arrives has come through Redis. */
const SENDERS_CROWD = 1;

export async function runBare(rate: number): Promise<RunResult> {
  await using server = await startBareUws();
  const plan = planOf("bare", [{ port: server.port, members: crowdOf("", "room") }], []);
  const run = { ...openRun(rate, BASELINE_DRAIN_MS), groups: [{ name: "gateway", roots: [server.pid] }] };
  const result = await generate(plan, run, () => server.publish(rate, "room", TEXT_BYTES));
  await server.stopPublishing();
  return result;
}

export async function runSocketIo(rate: number): Promise<RunResult> {
  await using socketIo = await startSocketIo("pub/sub", 2);
  const [first, second] = socketIo.servers;
  if (first === undefined || second === undefined) throw new Error("two servers were asked for");
  const crowds = [
    { port: first.port, members: crowdOf("", "room") },
    { port: second.port, members: Array.from({ length: SENDERS }, () => ({ token: "", rooms: [] })) },
  ];
  const groups = [
    { name: "gateway", roots: [first.pid] },
    { name: "second gateway", roots: [second.pid] },
    socketIo.redis,
  ];
  return await generate(planOf("socket.io", crowds, sendersTo("room")), {
    ...openRun(rate, BASELINE_DRAIN_MS),
    groups,
  });
}

export async function runHubbub(bench: Bench, rate: number): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, 2, 0);
  const [first, second] = hubbub.gateways;
  if (first === undefined || second === undefined) throw new Error("two gateways were asked for");
  const people = await hubbub.people.create(RECEIVERS + SENDERS);
  const [room = ""] = await hubbub.people.createRooms([people]);
  const members = people.map(({ token }, index) => ({ token, rooms: index < RECEIVERS ? [room] : [] }));
  const crowds = [
    { port: first.port, members: members.slice(0, RECEIVERS) },
    { port: second.port, members: members.slice(RECEIVERS) },
  ];
  const groups = [
    { name: "gateway", roots: [first.pid] },
    { name: "second gateway", roots: [second.pid] },
    hubbub.redis,
  ];
  return await generate(planOf("hubbub", crowds, sendersTo(room)), { ...openRun(rate, DRAIN_MS), groups });
}

function planOf(dialect: LoadPlan["dialect"], crowds: LoadPlan["crowds"], senders: readonly Sender[]): LoadPlan {
  return { dialect, crowds, senders, textBytes: TEXT_BYTES, copies: RECEIVERS, timeDeliveries: false };
}

function openRun(rate: number, drainMs: number): Omit<Run, "groups"> {
  return { drive: { open: rate }, warmupMs: WARMUP_MS, windowMs: WINDOW_MS, drainMs };
}

function crowdOf(token: string, room: string): { token: string; rooms: string[] }[] {
  return Array.from({ length: RECEIVERS }, () => ({ token, rooms: [room] }));
}

function sendersTo(room: string): Sender[] {
  return Array.from({ length: SENDERS }, (_, member) => ({ crowd: SENDERS_CROWD, member, room }));
}
