import type { Cluster, ClusterProcess, Embedded, PatroniService, SentinelService } from "@hubbub/testkit";
import type { Links } from "../faults/links.ts";
import type { SmallDisk } from "../faults/small-disk.ts";

/** Of docs/guarantees.md. */
export type Guarantee = "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7" | "G8" | "G9" | "G10";

/** What a fault wants of its cluster, beyond two gateways, two writers, one api and the front. */
export interface Needs {
  /** Every link of every process goes through a proxy of its own. */
  readonly links?: boolean | undefined;
  readonly redis?: "always" | "sentinel" | "small disk" | undefined;
  /** Postgres under Patroni, with a synchronous standby. */
  readonly patroni?: boolean | undefined;
  /** Default 1. */
  readonly apis?: number | undefined;
  /** ZONE of the first process of each role, of the second one, and so on in turn. */
  readonly zones?: readonly string[] | undefined;
  /** A process that backs everything up. */
  readonly backups?: boolean | undefined;
  /** Settings of the server processes. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** One process with everything in it, in place of a cluster. */
  readonly embedded?: boolean | undefined;
  /** Connections that only listen, all on the first gateway. */
  readonly listeners?: number | undefined;
}

/** One way to break a cluster, and what must hold all the same. Nothing may ever be lost, doubled, reordered or re-used. */
export interface Fault {
  readonly name: string;
  readonly does: string;
  readonly expected: string;
  readonly guarantees: readonly Guarantee[];
  readonly needs?: Needs | undefined;
  /** Numbering may start anew, with a gap that is announced. Without this, neither may happen. */
  readonly mayRenumber?: boolean | undefined;
  /** Data is set back to a copy: what was acked since the copy may be gone, and is announced. Includes `mayRenumber`. */
  readonly setsBack?: boolean | undefined;
  /** Refusals that clients may see besides `unavailable`. */
  readonly mayRefuse?: readonly string[] | undefined;
  /** The longest that an event may wait for its ack, where that is promised. */
  readonly maxWaitMs?: number | undefined;
  /** When everybody is connected, and before anybody talks. */
  prepare?(scene: Scene): Promise<void>;
  /** Breaks something under load and makes it whole again. Runs once a round. @throws BrokenPromise */
  inject(scene: Scene): Promise<void>;
}

/** What a fault can lay its hands on. */
export interface Scene {
  /** @throws when the fault needs an embedded server */
  readonly cluster: Cluster;
  /** null unless the fault needs it */
  readonly embedded: Embedded | null;
  /** null unless the fault needs links */
  readonly links: Links | null;
  /** null unless the fault needs sentinels */
  readonly sentinel: SentinelService | null;
  /** null unless the fault needs it */
  readonly patroni: PatroniService | null;
  /** Of Redis' files; null unless the fault needs it. */
  readonly disk: SmallDisk | null;
  /** Where the data of Redis and Postgres and the logs are. */
  readonly directory: string;
  /** The load talks so many times as fast from now on. */
  pace(times: number): void;
  /** What was counted since the beginning of the drill. */
  traffic(): Traffic;
  /** From 0. */
  readonly round: number;
  /** A line of the timeline. */
  say(what: string): void;
  /** What was broken is whole again: recovery is counted from here, without it from the beginning of the round. */
  healed(): void;
  /** What a recovery lost, and how long its steps took: for docs/recovery.md. */
  recovered(recovery: Recovery): void;
  /** All data is what it was at `copiedAt`, Unix ms, and nobody has been served from it yet. */
  setBack(copiedAt: number): void;
  /** How long events that need nothing but the log waited for their acks, ms, since the last call. */
  takeWaits(): readonly number[];
  /** Durable marks that clients got, in all. */
  marks(): number;
  /** Done when everybody is back and all processes are ready; what it answers is noted in the report. */
  afterwards(look: () => Promise<string>): void;
  sleep(ms: number): Promise<void>;
}

export interface Traffic {
  readonly wanted: number;
  readonly acked: number;
  readonly waiting: number;
  readonly refused: number;
  /** By their codes. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Refusals that may be repeated, and do not say when. */
  readonly bareRefusals: number;
}

export interface Recovery {
  /** From the newest commit that came back to the loss. Negative: a time after it was asked for. */
  readonly lostMs: number;
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
}

/** Another one each round. */
export function victim(processes: readonly ClusterProcess[], { round }: Scene): ClusterProcess {
  const chosen = processes[round % processes.length];
  if (chosen === undefined) throw new RangeError("there is no process to break");
  return chosen;
}

/** What a fault has asked for in its needs. */
export function needed<T>(thing: T | null): T {
  if (thing === null) throw new TypeError("a fault uses what it does not say it needs");
  return thing;
}

/** A fault saw for itself that something promised does not hold. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** This machine lacks what a fault needs. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}
