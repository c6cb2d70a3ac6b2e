import { setTimeout as sleep } from "node:timers/promises";
import { Person, startCluster, startEmbedded } from "@hubbub/testkit";
import type { Attack } from "./attack.ts";
import { startAttacker } from "./attacker.ts";
import { startChat } from "./chat.ts";
import { judge, percentile, type Verdict } from "./windows.ts";

const shape = { people: 24, rooms: 6, messagesPerSecond: 100 };
const windows = 8;
const windowMs = 4_000;

export interface Windows {
  readonly count: number;
  readonly ms: number;
}
/** What an attack has begun is answered before the next window. */
const restMs = 1_000;
const warmUpMs = 5_000;

interface Place extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
}

/** With the settings as they are by default. */
export const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  embedded: () => startEmbedded(),
  "a cluster of three gateways": () => startCluster({ gateways: 3, writers: 2, apis: 2 }),
};

/** An attack beside a calm chat, calm and attacked in turn. Uses the default settings; everything is on one machine. */
export async function runBeside(
  attack: Attack,
  open: () => Promise<Place>,
  print: (line: string) => void,
  { count, ms }: Windows = { count: windows, ms: windowMs },
): Promise<Verdict> {
  await using place = await open();
  const guest = await Person.arrive(place.url);
  const { id: room } = await guest.createRoom();
  const { accessToken } = guest.tokens;
  await using attacker = await startAttacker(attack.name, { url: place.url, wsUrl: place.wsUrl, accessToken, room });
  await using chat = await startChat(place.url, place.wsUrl, shape);
  await sleep(warmUpMs);
  const calm: (readonly number[])[] = [];
  const attacked: (readonly number[])[] = [];
  let counts: ReadonlyMap<string, number> = new Map();
  for (let window = 0; window < count; window += 1) {
    calm.push(await chat.measure(ms));
    attacker.begin();
    // From its beginning on: the first moments of an attack are its worst.
    attacked.push(await chat.measure(ms));
    counts = await attacker.pause();
    await sleep(restMs);
    print(`  calm ${figure(percentile(calm.at(-1) ?? []))}, attacked ${figure(percentile(attacked.at(-1) ?? []))}`);
  }
  print(`  answered: ${[...counts].map(([what, count]) => `${count} ${what}`).join(", ")}`);
  return judge(calm, attacked);
}

export function describeVerdict({ calmMs, attackedMs, ratio, holds, calmFromMs, calmToMs }: Verdict): string {
  return `p99 calm ${figure(calmMs)} (${figure(calmFromMs)} to ${figure(calmToMs)}), attacked ${figure(attackedMs)}, ratio ${ratio.toFixed(2)}: ${holds ? "holds" : "BROKEN"}`;
}

function figure(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
