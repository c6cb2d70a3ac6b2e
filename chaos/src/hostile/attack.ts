import type { Person } from "@hubbub/testkit";
import { connectRaw, type RawWs, type RawWsOptions, UpgradeRefused } from "./raw-ws.ts";

/** Where an attack can go. */
export interface Target {
  /** `ws://…/ws` of the gateway itself, where an attacker claims addresses, and of nginx. */
  readonly gatewayWs: string;
  readonly nginxWs: string;
  readonly apiUrl: string;
  /** Of an nginx with its limits on. */
  readonly strictUrl: string;
  readonly attacker: Person;
}

/** How often each outcome was seen. */
export type Tally = Readonly<Record<string, number>>;

export interface Attack {
  readonly name: string;
  run(target: Target): Promise<Tally>;
  /** All that may come of it: an exact count, or the least and the most. */
  readonly expect: Readonly<Record<string, number | readonly [number, number]>>;
}

export function tally(outcomes: readonly string[]): Tally {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** What differs from what was expected, as sentences; empty: nothing. */
export function faultsOf(saw: Tally, expected: Attack["expect"]): string[] {
  const names = new Set([...Object.keys(saw), ...Object.keys(expected)]);
  return [...names].flatMap((name) => {
    const count = saw[name] ?? 0;
    const wanted = expected[name] ?? 0;
    const [least, most] = typeof wanted === "number" ? [wanted, wanted] : wanted;
    return count >= least && count <= most ? [] : [`${name}: ${count}, not ${least} to ${most}`];
  });
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A connection from an address of the attacker's choice, or the status it was refused with. */
export function tryConnect(url: string, address: string, options: RawWsOptions = {}): Promise<RawWs | string> {
  return connectRaw(url, { ...options, headers: { "X-Real-IP": address, ...options.headers } }).catch(
    (error: unknown) => {
      if (error instanceof UpgradeRefused) return `refused ${error.status}`;
      throw error;
    },
  );
}

/** Greeted. */
export async function enter(target: Target, address: string): Promise<RawWs> {
  const ws = await connectRaw(target.gatewayWs, { headers: { "X-Real-IP": address } });
  await ws.send({ type: "hello", ref: 0, token: target.attacker.tokens.accessToken });
  const ready = await ws.nextJson();
  if (ready.type !== "ready") throw new Error(`not greeted: ${JSON.stringify(ready)}`);
  return ws;
}

const endMs = 8_000;

/** `close 4009`, `cut`, or `open` when it has not ended in time. */
export async function endOf(ws: RawWs): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, endMs, null);
  });
  const ending = await Promise.race([ws.ended, late]);
  clearTimeout(timer);
  await ws.cut();
  if (ending === null) return "open";
  return ending.closeFrames === 0 ? "cut" : `close ${ending.code}`;
}
