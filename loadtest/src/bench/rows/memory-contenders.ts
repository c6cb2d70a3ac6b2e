import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { channelOf } from "../generator/centrifugo-dialect.ts";
import type { Member } from "../generator/dialect.ts";
import type { DialectName } from "../generator/dialects.ts";
import { type Child, startChild } from "../measure/child.ts";
import type { MachineUse } from "../measure/machine-load.ts";
import { type ProcessGroup, residentBytes } from "../measure/process-usage.ts";
import { readUsage, usageBetween } from "../measure/usage.ts";
import { startBareUws } from "../under-test/baseline.ts";
import { centrifugoToken, startCentrifugo } from "../under-test/centrifugo.ts";
import { startHubbub } from "../under-test/hubbub.ts";
import { BARE_UWS, CENTRIFUGO, CENTRIFUGO_ONE, type Contender, HUBBUB } from "./in-turn.ts";

/** These come and go before the first reading: what a process takes once, for code and heap, is no connection's. */
export const WARMING = 500;
export const ROOMS = 1_000;
export const ROOMS_EACH = 3;
const SETTLE_BEFORE_MS = 2_000;

export interface Growth {
  /** Bytes of resident memory per connection, at each of the extent's `settleMs`. */
  readonly bytes: readonly number[];
  /** CPU-seconds of the server from the last connection to the last reading: what an idle one does. */
  readonly idleCpu: number;
  readonly machine: MachineUse;
}

export function memoryContenders(bench: Bench): Contender<Growth>[] {
  return [
    { name: BARE_UWS, run: () => runBare(bench) },
    { name: CENTRIFUGO, run: () => runCentrifugo(bench) },
    { name: CENTRIFUGO_ONE, run: () => runCentrifugo(bench, 1) },
    { name: HUBBUB, run: () => runHubbub(bench) },
  ];
}

async function runBare(bench: Bench): Promise<Growth> {
  await using server = await startBareUws();
  const members = Array.from({ length: bench.extent.connections }, (_, index) => ({
    token: "",
    rooms: roomsOf(index).map((room) => `topic-${room}`),
  }));
  return await growthWith(bench, "bare", server, members, []);
}

async function runCentrifugo(bench: Bench, maxProcs?: number): Promise<Growth> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 1, maxProcs });
  const [node] = centrifugo.nodes;
  if (node === undefined) throw new Error("a node was asked for");
  const members = Array.from({ length: bench.extent.connections }, (_, index) => ({
    token: centrifugoToken(`bench-${index}`),
    rooms: roomsOf(index).map(channelOf),
  }));
  return await growthWith(bench, "centrifugo", node, members, [centrifugo.redis]);
}

async function runHubbub(bench: Bench): Promise<Growth> {
  await using hubbub = await startHubbub(bench, { gateways: 1, writers: 0 });
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const people = await hubbub.people.create(bench.extent.connections);
  const lists: (typeof people)[] = Array.from({ length: ROOMS }, () => []);
  for (const [index, person] of people.entries()) for (const room of roomsOf(index)) lists[room]?.push(person);
  const rooms = await hubbub.people.createRooms(lists);
  const members = people.map(({ token }, index) => ({ token, rooms: roomsOf(index).map((room) => rooms[room] ?? "") }));
  return await growthWith(bench, "hubbub", gateway, members, [hubbub.redis, ...hubbub.storing]);
}

async function growthWith(
  { extent }: Bench,
  dialect: DialectName,
  server: { readonly pid: number; readonly port: number },
  members: readonly Member[],
  beside: readonly ProcessGroup[],
): Promise<Growth> {
  const warming = await connected(dialect, server.port, members.slice(0, WARMING));
  await warming[Symbol.asyncDispose]();
  await sleep(SETTLE_BEFORE_MS);
  const before = residentBytes(server.pid);
  await using generator = await connected(dialect, server.port, members);
  const groups = [{ name: "server", roots: [server.pid] }, { name: "generator", roots: [generator.pid] }, ...beside];
  const start = readUsage(groups);
  const bytes: number[] = [];
  for (const settleMs of extent.settleMs) {
    await sleep(Math.max(start.at + settleMs - performance.now(), 0));
    bytes.push((residentBytes(server.pid) - before) / members.length);
  }
  const { cpu, machine } = usageBetween(start, readUsage(groups));
  return { bytes, idleCpu: cpu["server"] ?? 0, machine };
}

async function connected(dialect: DialectName, port: number, members: readonly Member[]): Promise<Child> {
  const generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  await generator.ask("connect", {
    dialect,
    crowds: [{ port, members }],
    senders: [],
    textBytes: 0,
    copies: 0,
    timeDeliveries: false,
  });
  return generator;
}

function roomsOf(index: number): number[] {
  return Array.from({ length: ROOMS_EACH }, (_, at) => (index + Math.floor((at * ROOMS) / ROOMS_EACH)) % ROOMS);
}
