import { type Bench, TEXT_BYTES } from "../bench.ts";
import { channelOf } from "../generator/centrifugo-dialect.ts";
import type { Sender } from "../generator/load-plan.ts";
import type { ReturningMember, StormPlan, StormResult } from "../generator/storm-plan.ts";
import { startChild } from "../measure/child.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { centrifugoToken, startCentrifugo } from "../under-test/centrifugo.ts";
import { startHubbub } from "../under-test/hubbub.ts";
import { CENTRIFUGO, CENTRIFUGO_ONE, type Contender, HUBBUB } from "./in-turn.ts";

export const ROOM_SIZE = 20;
export const RATE = 500;
export const SPREAD_MS = 500;
const WARMUP_RUN_MS = 3_000;
const DEADLINE_MS = 60_000;

export function stormContenders(bench: Bench): Contender<StormResult>[] {
  return [
    { name: CENTRIFUGO, run: () => runCentrifugo(bench) },
    { name: CENTRIFUGO_ONE, run: () => runCentrifugo(bench, 1) },
    { name: HUBBUB, run: () => runHubbub(bench) },
  ];
}

async function runHubbub(bench: Bench): Promise<StormResult> {
  await using hubbub = await startHubbub(bench, { gateways: 2, writers: 1 });
  const { clients } = bench.extent;
  const people = await hubbub.people.create(2 * clients + roomCount(clients));
  const returning = people.slice(0, clients);
  const staying = people.slice(clients, 2 * clients);
  const talking = people.slice(2 * clients);
  const isIn = (room: number) => (_person: unknown, index: number) => index % talking.length === room;
  const rooms = await hubbub.people.createRooms(
    talking.map((talker, room) => [talker, ...returning.filter(isIn(room)), ...staying.filter(isIn(room))]),
  );
  const memberOf = ({ token }: { token: string }, index: number): ReturningMember => ({
    token,
    room: rooms[index % rooms.length] ?? "",
  });
  return await storm(bench, {
    dialect: "hubbub",
    servers: hubbub.gateways,
    beside: [hubbub.redis, ...hubbub.storing],
    members: returning.map(memberOf),
    neighbours: staying.map(memberOf),
    talkers: talking.map(memberOf),
  });
}

async function runCentrifugo(bench: Bench, maxProcs?: number): Promise<StormResult> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 2, maxProcs });
  const { clients } = bench.extent;
  const rooms = roomCount(clients);
  const member = (kind: string, index: number): ReturningMember => ({
    token: centrifugoToken(`${kind}-${index}`),
    room: channelOf(index % rooms),
  });
  return await storm(bench, {
    dialect: "centrifugo",
    servers: centrifugo.nodes,
    beside: [centrifugo.redis],
    members: Array.from({ length: clients }, (_, index) => member("client", index)),
    neighbours: Array.from({ length: clients }, (_, index) => member("neighbour", index)),
    talkers: Array.from({ length: rooms }, (_, index) => member("talker", index)),
  });
}

interface Scene {
  readonly dialect: StormPlan["dialect"];
  /** The first is killed. */
  readonly servers: readonly { readonly pid: number; readonly port: number }[];
  readonly beside: readonly ProcessGroup[];
  readonly members: readonly ReturningMember[];
  readonly neighbours: readonly ReturningMember[];
  readonly talkers: readonly ReturningMember[];
}

async function storm({ extent }: Bench, scene: Scene): Promise<StormResult> {
  const [doomed, survivor] = scene.servers;
  if (doomed === undefined || survivor === undefined) throw new Error("two servers were asked for");
  const { dialect, members, neighbours } = scene;
  const talkers = scene.talkers.map(({ token, room }) => ({ token, rooms: [room] }));
  const senders: Sender[] = scene.talkers.map(({ room }, member) => ({ crowd: 0, member, room }));
  const plan: StormPlan = {
    dialect,
    members,
    neighbours,
    doomed,
    survivorPort: survivor.port,
    talkers: {
      dialect,
      crowds: [{ port: survivor.port, members: talkers }],
      senders,
      textBytes: TEXT_BYTES,
      copies: 1,
      timeDeliveries: false,
    },
  };
  await using generator = startChild(new URL("../generator/storm-main.js", import.meta.url));
  await generator.ask("connect", plan);
  return await generator.ask<StormResult>("run", {
    rate: RATE,
    warmupMs: Math.min(extent.warmupMs, WARMUP_RUN_MS),
    quietMs: extent.windowMs,
    spreadMs: SPREAD_MS,
    deadlineMs: DEADLINE_MS,
    groups: [{ name: "survivor", roots: [survivor.pid] }, ...scene.beside],
  });
}

function roomCount(clients: number): number {
  return Math.ceil(clients / ROOM_SIZE);
}
