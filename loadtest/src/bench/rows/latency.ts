import { type Bench, DRAIN_MS, ROUNDS, TEXT_BYTES, WARMUP_MS } from "../bench.ts";
import type { RunResult } from "../generator/load-plan.ts";
import { startChild } from "../measure/child.ts";
import { Histogram } from "../measure/histogram.ts";
import { type BenchGroup, compare, cpuLine, lossOf, merged, percentileLine } from "../measure/result.ts";
import { generate } from "../under-test/generator.ts";
import { type Hubbub, LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";

const RATE = 1_000;
const ROOMS = 50;
const WINDOW_MS = 10_000;
const TARGET = { direction: "at most", factor: 6 } as const;

/** From a publish on one gateway to its delivery on the other, and the bare way through the same Redis. */
export async function measureLatency(bench: Bench): Promise<BenchGroup> {
  const bare = new Histogram();
  const results: RunResult[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    bench.say(`latency at ${RATE} msg/s, round ${round}: bare Redis, Hubbub`);
    await using hubbub = await startHubbub(bench, 2, 1);
    bare.add(await runBare(hubbub.redisUrl));
    results.push(await runHubbub(hubbub));
  }
  const deliveries = merged(results, ({ deliveryMicroseconds }) => deliveryMicroseconds);
  const row = (share: number, target: typeof TARGET | null) =>
    compare({
      what: `latency on the other gateway, ${RATE} msg/s, p${share * 100}`,
      unit: "ms, publish to delivery",
      hubbub: deliveries.percentile(share),
      baseline: { name: "bare Redis", value: bare.percentile(share) },
      target,
      loss: lossOf(results),
      print: (microseconds) => (microseconds / 1_000).toFixed(2),
    });
  return {
    name: "latency",
    title: "Latency",
    date: new Date().toISOString(),
    conditions: [
      `two gateways, one writer; ${ROOMS} rooms, in each a sender on the first gateway and a receiver on the second; ${RATE} msg/s in all, open loop`,
      "a message counts from the moment it is sent; one that the generator sends more than a timer tick (1.5 ms) late counts from when it was due",
      "bare Redis: PUBLISH and SUBSCRIBE by ioredis in one process, same rate, same text, same Redis, right before",
      `${ROUNDS} rounds of ${WARMUP_MS / 1_000} s warm-up and ${WINDOW_MS / 1_000} s window; text of ${TEXT_BYTES} B`,
      LIMITS_LINE,
    ],
    rows: [row(0.5, TARGET), row(0.99, null), row(0.999, null)],
    notes: [
      `Hubbub, publish to delivery: ${percentileLine(deliveries)} (${deliveries.total} messages)`,
      `Hubbub, publish to ack: ${percentileLine(merged(results, ({ ackMicroseconds }) => ackMicroseconds))}`,
      `bare Redis: ${percentileLine(bare)} (${bare.total} messages)`,
      cpuLine("Hubbub", results),
    ],
  };
}

async function runBare(redisUrl: string): Promise<Histogram> {
  await using generator = startChild(new URL("../generator/pubsub-main.js", import.meta.url));
  const settings = {
    redisUrl,
    rate: RATE,
    channels: ROOMS,
    textBytes: TEXT_BYTES,
    warmupMs: WARMUP_MS,
    windowMs: WINDOW_MS,
  };
  return new Histogram(await generator.ask<number[]>("run", settings));
}

async function runHubbub(hubbub: Hubbub): Promise<RunResult> {
  const [first, second] = hubbub.gateways;
  if (first === undefined || second === undefined) throw new Error("two gateways were asked for");
  const people = await hubbub.people.create(2 * ROOMS);
  const pairs = Array.from({ length: ROOMS }, (_, room) => people.slice(2 * room, 2 * room + 2));
  const rooms = await hubbub.people.createRooms(pairs);
  const receivers = pairs.map(([, receiver], at) => ({ token: receiver?.token ?? "", rooms: [rooms[at] ?? ""] }));
  const senders = pairs.map(([sender]) => ({ token: sender?.token ?? "", rooms: [] }));
  return generate(
    {
      dialect: "hubbub",
      crowds: [
        { port: second.port, members: receivers },
        { port: first.port, members: senders },
      ],
      senders: rooms.map((room, member) => ({ crowd: 1, member, room })),
      textBytes: TEXT_BYTES,
      copies: 1,
      timeDeliveries: true,
    },
    {
      drive: { open: RATE },
      warmupMs: WARMUP_MS,
      windowMs: WINDOW_MS,
      drainMs: DRAIN_MS,
      groups: [
        { name: "first gateway", roots: [first.pid] },
        { name: "second gateway", roots: [second.pid] },
        hubbub.redis,
        hubbub.postgres,
      ],
    },
  );
}
