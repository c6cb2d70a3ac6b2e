import { setTimeout as sleep } from "node:timers/promises";
import { Person, UsageError } from "@hubbub/testkit";
import { connectRaw, type RawWs, type RawWsOptions, UpgradeRefused } from "../hostile/raw-ws.ts";

export type Verdict = "held" | "broken" | "skipped";

export interface Outcome {
  readonly verdict: Verdict;
  /** What was seen, for the report. */
  readonly saw: string;
}

/** One thing that an attacker tries. */
export interface Probe {
  readonly name: string;
  /** Of ASVS 5.0; empty: what it does not ask for. */
  readonly ids: readonly string[];
  readonly expects: string;
  run(target: Target): Promise<Outcome>;
}

/** Where the attack goes. */
export interface Target {
  readonly url: URL;
  readonly wsUrl: string;
  /** null: nobody can come in as a guest. */
  readonly people: (() => Promise<Person>) | null;
}

export const held = (saw: string): Outcome => ({ verdict: "held", saw });
export const broken = (saw: string): Outcome => ({ verdict: "broken", saw });
export const skipped = (saw: string): Outcome => ({ verdict: "skipped", saw });
export const judge = (isHeld: boolean, saw: string): Outcome => (isHeld ? held(saw) : broken(saw));

/** A probe that needs an account. */
export function withPerson(work: (target: Target, person: Person) => Promise<Outcome>): Probe["run"] {
  return async (target) => {
    if (target.people === null) return skipped("guests are not let in, so there is no account to try it with");
    return await work(target, await target.people());
  };
}

const TRIES = 20;
const PAUSE_MS = 600;
const REFUSED = [429, 503];

/** Goes on when it is refused for its rate: a front counts connections by address. @throws UpgradeRefused */
export async function connectPaced(url: string, options: RawWsOptions = {}): Promise<RawWs> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connectRaw(url, options);
    } catch (error) {
      const isForRate = error instanceof UpgradeRefused && REFUSED.includes(error.status);
      if (!isForRate || tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Greeted. */
export async function enterPaced(target: Target, person: Person): Promise<RawWs> {
  const ws = await connectPaced(target.wsUrl);
  await ws.send({ type: "hello", ref: 0, token: person.tokens.accessToken });
  const ready = await ws.nextJson();
  if (ready.type !== "ready") throw new Error(`not greeted: ${JSON.stringify(ready)}`);
  return ws;
}

/** Follows nowhere: a redirect may lead to a server of somebody else. */
export function ask(url: string | URL, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, redirect: "manual" });
}

/** @throws UsageError when the URL sends its callers elsewhere */
export async function openTarget(url: URL): Promise<Target> {
  const base = url.origin;
  const wsUrl = `${base.replace(/^http/, "ws")}/ws`;
  const answer = await ask(`${base}/api/v1/auth/guest`, { method: "POST", headers: JSON_TYPE, body: "{}" });
  await answer.arrayBuffer();
  const elsewhere = answer.headers.get("location");
  if (elsewhere !== null)
    throw new UsageError(`${base} redirects to ${JSON.stringify(elsewhere)}: name that URL if it is yours, too`);
  return { url: new URL(base), wsUrl, people: answer.ok ? () => Person.arrive(base) : null };
}

export const JSON_TYPE = { "content-type": "application/json" };

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
