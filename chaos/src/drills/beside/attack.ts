import { costlyPages } from "./costly-pages.ts";
import { guestFlood } from "./guest-flood.ts";

/** The server under attack, and the token of the one guest that attacks it. */
export interface Target {
  /** Without a slash at the end. */
  readonly url: string;
  readonly wsUrl: string;
  readonly accessToken: string;
  /** A room of the attacker's own. */
  readonly room: string;
}

/** One thing that a single user can do to the others as fast as the server lets it. */
export interface Attack {
  readonly name: string;
  readonly does: string;
  /** Once, before anything is measured. Default: nothing. */
  prepare?(target: Target): Promise<void>;
  /** Strikes until the signal is aborted; `count` is called with the kind of each answer. */
  strike(target: Target, signal: AbortSignal, count: (what: string) => void): Promise<void>;
}

export const ATTACKS: readonly Attack[] = [costlyPages, guestFlood];

/** @throws RangeError when there is none of this name */
export function attackOf(name: string): Attack {
  const attack = ATTACKS.find((one) => one.name === name);
  if (attack === undefined) throw new RangeError(`there is no attack ${name}`);
  return attack;
}
