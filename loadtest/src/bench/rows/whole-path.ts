import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, DRAIN_MS, TEXT_BYTES } from "../bench.ts";
import type { RunResult } from "../generator/load-plan.ts";
import { type BenchGroup, compare, cpuLine, cpuOf, lossOf, merged, percentileLine, total } from "../measure/result.ts";
import { generate } from "../under-test/generator.ts";
import { LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";
import type { People } from "../under-test/people.ts";
import { valueAtMost } from "./in-turn.ts";
import { hubbubMembers, ROOMS_LINE, roomsOfFourPlan } from "./rooms-of-four.ts";

const RATE = 8_000;
const TARGET_MICROSECONDS = 70;
const COUNTED = ["gateway", "redis", "writer", "postgres"];
const STORED_DEADLINE_MS = 30_000;
const STORED_POLL_MS = 100;

interface Stored {
  readonly result: RunResult;
  readonly missing: number;
  readonly durability: string;
}

/** One message from a connection through gateway, Redis, deliveries and writer into a committed row. */
export async function measureWholePath(bench: Bench): Promise<Omit<BenchGroup, "machine">> {
  const { rounds, warmupMs, windowMs } = bench.extent;
  const runs: Stored[] = [];
  for (let round = 1; round <= rounds; round++) {
    bench.say(`whole path at ${RATE} msg/s, round ${round}`);
    runs.push(await runHubbub(bench));
  }
  const results = runs.map(({ result }) => result);
  const each = (groups: readonly string[]): number => microsecondsEach(results, groups);
  const missing = runs.reduce((sum, run) => sum + run.missing, 0);
  const unstored = missing === 0 ? [] : [`${missing} acked messages not stored`];
  const loss = [lossOf(results), ...unstored].filter((text) => text !== null).join("; ");
  return {
    name: "path",
    title: "The whole path",
    date: new Date().toISOString(),
    conditions: [
      `${ROOMS_LINE}; one gateway, one Redis, one writer, one Postgres (${runs[0]?.durability ?? ""})`,
      `${RATE} msg/s by the clock, text of ${TEXT_BYTES} B; ${rounds} rounds of ${warmupMs / 1_000} s warm-up and ${windowMs / 1_000} s window; at the end every acked message must be a row`,
      LIMITS_LINE,
    ],
    rows: [
      compare({
        what: `whole path, ${RATE} msg/s in, stored`,
        unit: "CPU µs per message, all processes",
        hubbub: { value: each(COUNTED), runs: results },
        baseline: null,
        target: valueAtMost(TARGET_MICROSECONDS),
        loss: loss === "" ? null : loss,
        print: (microseconds) => microseconds.toFixed(1),
      }),
    ],
    notes: [
      `µs per message: ${COUNTED.map((group) => `${group} ${each([group]).toFixed(1)}`).join(", ")}`,
      cpuLine("Hubbub", results),
      `publish to ack ${percentileLine(merged(results, ({ ackMicroseconds }) => ackMicroseconds))}; publish to delivery ${percentileLine(merged(results, ({ deliveryMicroseconds }) => deliveryMicroseconds))}`,
      `by round: ${results.map((result) => microsecondsEach([result], COUNTED).toFixed(1)).join(", ")} µs`,
    ],
  };
}

async function runHubbub(bench: Bench): Promise<Stored> {
  await using hubbub = await startHubbub(bench, { gateways: 1, writers: 0 });
  const writer = await hubbub.start("writer");
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const groups = [
    { name: "gateway", roots: [gateway.pid] },
    hubbub.redis,
    { name: "writer", roots: [writer.pid] },
    hubbub.postgres,
  ];
  const members = await hubbubMembers(hubbub.people);
  const drive = { open: RATE };
  const result = await generate(roomsOfFourPlan("hubbub", gateway.port, members), {
    drive,
    warmupMs: bench.extent.warmupMs,
    windowMs: bench.extent.windowMs,
    drainMs: DRAIN_MS,
    groups,
  });
  const missing = result.total.acked - (await awaitStored(hubbub.people, result.total.acked));
  return { result, missing, durability: await hubbub.people.durability() };
}

/** How many are stored once all are, or at the deadline. */
async function awaitStored(people: People, wanted: number): Promise<number> {
  const deadline = performance.now() + STORED_DEADLINE_MS;
  let stored = await people.storedEvents();
  while (stored < wanted && performance.now() < deadline) {
    await sleep(STORED_POLL_MS);
    stored = await people.storedEvents();
  }
  return stored;
}

function microsecondsEach(results: readonly RunResult[], groups: readonly string[]): number {
  const cpu = total(results, (result) => cpuOf(result, groups));
  return (cpu / total(results, ({ window }) => window.acked)) * 1e6;
}
