import { type Bench, DRAIN_MS, TEXT_BYTES } from "../bench.ts";
import { channelOf } from "../generator/centrifugo-dialect.ts";
import type { Member } from "../generator/dialect.ts";
import type { DialectName } from "../generator/dialects.ts";
import type { RunResult } from "../generator/load-plan.ts";
import { startChild } from "../measure/child.ts";
import { Histogram } from "../measure/histogram.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";
import { centrifugoToken, startCentrifugo } from "../under-test/centrifugo.ts";
import { generate } from "../under-test/generator.ts";
import { startHubbub } from "../under-test/hubbub.ts";

export const RATE = 1_000;
export const ROOMS = 50;

type Server = { readonly pid: number; readonly port: number };

/** PUBLISH and SUBSCRIBE through ioredis in one process, recorded in `bare`; then Hubbub on the same Redis. */
export async function runHubbub(bench: Bench, bare: Histogram): Promise<RunResult> {
  await using hubbub = await startHubbub(bench, { gateways: 2, writers: 1 });
  bare.add(await runBare(bench, hubbub.redisUrl));
  const people = await hubbub.people.create(2 * ROOMS);
  const pairs = Array.from({ length: ROOMS }, (_, room) => people.slice(2 * room, 2 * room + 2));
  const rooms = await hubbub.people.createRooms(pairs);
  const receivers = pairs.map(([, receiver], at) => ({ token: receiver?.token ?? "", rooms: [rooms[at] ?? ""] }));
  const senders = pairs.map(([sender]) => ({ token: sender?.token ?? "", rooms: [] }));
  const beside = [hubbub.redis, ...hubbub.storing];
  return await run(bench, { dialect: "hubbub", servers: hubbub.gateways, beside, receivers, senders });
}

export async function runCentrifugo(bench: Bench, maxProcs?: number): Promise<RunResult> {
  await using centrifugo = await startCentrifugo(bench, { nodes: 2, maxProcs });
  const member = (kind: string, at: number, rooms: string[]): Member => ({
    token: centrifugoToken(`${kind}-${at}`),
    rooms,
  });
  const channels = Array.from({ length: ROOMS }, (_, room) => channelOf(room));
  return await run(bench, {
    dialect: "centrifugo",
    servers: centrifugo.nodes,
    beside: [centrifugo.redis],
    receivers: channels.map((channel, at) => member("receiver", at, [channel])),
    senders: channels.map((_channel, at) => member("sender", at, [])),
  });
}

async function runBare({ extent }: Bench, redisUrl: string): Promise<Histogram> {
  await using generator = startChild(new URL("../generator/pubsub-main.js", import.meta.url));
  const settings = {
    redisUrl,
    rate: RATE,
    channels: ROOMS,
    textBytes: TEXT_BYTES,
    warmupMs: extent.warmupMs,
    windowMs: extent.latencyWindowMs,
  };
  return new Histogram(await generator.ask<number[]>("run", settings));
}

interface Pairs {
  readonly dialect: DialectName;
  /** The senders are on the first, the receivers on the second. */
  readonly servers: readonly Server[];
  readonly beside: readonly ProcessGroup[];
  /** Each in one room, into which the sender at the same place talks. */
  readonly receivers: readonly Member[];
  readonly senders: readonly Member[];
}

function run({ extent }: Bench, { dialect, servers, beside, receivers, senders }: Pairs): Promise<RunResult> {
  const [first, second] = servers;
  if (first === undefined || second === undefined) throw new Error("two servers were asked for");
  const plan = {
    dialect,
    crowds: [
      { port: second.port, members: receivers },
      { port: first.port, members: senders },
    ],
    senders: receivers.map(({ rooms: [room = ""] }, member) => ({ crowd: 1, member, room })),
    textBytes: TEXT_BYTES,
    copies: 1,
    timeDeliveries: true,
  };
  return generate(plan, {
    drive: { open: RATE },
    warmupMs: extent.warmupMs,
    windowMs: extent.latencyWindowMs,
    drainMs: DRAIN_MS,
    groups: [{ name: "first gateway", roots: [first.pid] }, { name: "second gateway", roots: [second.pid] }, ...beside],
  });
}
