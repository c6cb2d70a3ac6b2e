import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, ROUNDS } from "../bench.ts";
import type { Member } from "../generator/dialect.ts";
import type { LoadPlan } from "../generator/load-plan.ts";
import { type Child, startChild } from "../measure/child.ts";
import { residentBytes } from "../measure/process-usage.ts";
import { type BenchGroup, compare } from "../measure/result.ts";
import { startBareUws } from "../under-test/baseline.ts";
import { LIMITS_LINE, startHubbub } from "../under-test/hubbub.ts";

const CONNECTIONS = 10_000;
/** These come and go before the first reading: what a process takes once, for code and heap, is no connection's. */
const WARMING = 500;
const ROOMS = 1_000;
const ROOMS_EACH = 3;
const SETTLE_BEFORE_MS = 2_000;
const SETTLE_AFTER_MS = 8_000;
const BYTES_PER_KIB = 1_024;

/** What a connection that says nothing costs the process that holds it. */
export async function measureMemory(bench: Bench): Promise<BenchGroup> {
  const bare: number[] = [];
  const hubbub: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    bench.say(`memory of ${CONNECTIONS} idle connections, round ${round}: bare uWS, Hubbub`);
    bare.push(await runBare());
    hubbub.push(await runHubbub(bench));
  }
  return {
    name: "memory",
    title: "Memory",
    date: new Date().toISOString(),
    conditions: [
      `${CONNECTIONS} connections of ${CONNECTIONS} users to one gateway, each in ${ROOMS_EACH} of ${ROOMS} rooms; growth of VmRSS from before the first to ${SETTLE_AFTER_MS / 1_000} s after the last, divided by the connections`,
      `${WARMING} of them have come and gone before, so that code and heap have their size`,
      `bare uWS: the same connections, each with ${ROOMS_EACH} of ${ROOMS} topics and a small user object`,
      "memory of the kernel for each TCP connection is in neither; garbage of the handshakes is in both",
      `${ROUNDS} rounds, the mean is taken`,
      LIMITS_LINE,
    ],
    rows: [
      compare({
        what: `idle connection with ${ROOMS_EACH} rooms, ${CONNECTIONS} connections`,
        unit: "KiB RSS per connection",
        hubbub: mean(hubbub),
        baseline: { name: "bare uWS", value: mean(bare) },
        target: { direction: "at most", factor: 2 },
        loss: null,
        print: kibibytes,
      }),
    ],
    notes: [`by round: bare uWS ${bare.map(kibibytes).join(", ")}; Hubbub ${hubbub.map(kibibytes).join(", ")} KiB`],
  };
}

async function runBare(): Promise<number> {
  await using server = await startBareUws();
  const members = Array.from({ length: CONNECTIONS }, (_, index) => ({
    token: "",
    rooms: roomsOf(index).map((room) => `topic-${room}`),
  }));
  return await growthWith("bare", server, members);
}

async function runHubbub(bench: Bench): Promise<number> {
  await using hubbub = await startHubbub(bench, 1, 0);
  const [gateway] = hubbub.gateways;
  if (gateway === undefined) throw new Error("a gateway was asked for");
  const people = await hubbub.people.create(CONNECTIONS);
  const lists: (typeof people)[] = Array.from({ length: ROOMS }, () => []);
  for (const [index, person] of people.entries()) for (const room of roomsOf(index)) lists[room]?.push(person);
  const rooms = await hubbub.people.createRooms(lists);
  const members = people.map(({ token }, index) => ({ token, rooms: roomsOf(index).map((room) => rooms[room] ?? "") }));
  return await growthWith("hubbub", gateway, members);
}

/** Bytes of resident memory per connection. */
async function growthWith(
  dialect: LoadPlan["dialect"],
  server: { readonly pid: number; readonly port: number },
  members: readonly Member[],
): Promise<number> {
  const warming = await connected(dialect, server.port, members.slice(0, WARMING));
  await warming[Symbol.asyncDispose]();
  await sleep(SETTLE_BEFORE_MS);
  const before = residentBytes(server.pid);
  await using _generator = await connected(dialect, server.port, members);
  await sleep(SETTLE_AFTER_MS);
  return (residentBytes(server.pid) - before) / members.length;
}

async function connected(dialect: LoadPlan["dialect"], port: number, members: readonly Member[]): Promise<Child> {
  const generator = startChild(new URL("../generator/load-main.js", import.meta.url));
  const plan: LoadPlan = {
    dialect,
    crowds: [{ port, members }],
    senders: [],
    textBytes: 0,
    copies: 0,
    timeDeliveries: false,
  };
  await generator.ask("connect", plan);
  return generator;
}

function roomsOf(index: number): number[] {
  return Array.from({ length: ROOMS_EACH }, (_, at) => (index + Math.floor((at * ROOMS) / ROOMS_EACH)) % ROOMS);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function kibibytes(bytes: number): string {
  return (bytes / BYTES_PER_KIB).toFixed(1);
}
