import type { Catalogue } from "./catalogue.ts";
import type { Newer } from "./facts.ts";

/** A restore was refused; the message has all reasons, and says what overrides them. */
export class RestoreRefused extends Error {
  override readonly name = "RestoreRefused";

  constructor(reasons: readonly string[]) {
    super(`nothing was restored:\n${reasons.map((reason) => `- ${reason}`).join("\n")}`);
  }
}

/** A database that is alive beside the backup. */
export interface Live {
  /** As an operator names it. */
  readonly where: string;
  readonly cluster: string;
  readonly generation: number;
  readonly newer: Newer;
}

/** What is known when a restore is decided on. */
export interface Situation {
  readonly catalogue: Catalogue;
  /** The time that is restored. */
  readonly to: Date;
  /** The highest generation of any backup of this cluster in the target. */
  readonly newestGeneration: number;
  /** null: there is none, or it is away. */
  readonly live: Live | null;
  /** Events that only Redis holds; null: it is not looked at. */
  readonly inLog: { readonly events: number; readonly newest: number } | null;
}

const DISCARD = "--discard-newer restores all the same";

/** Why a restore would throw something away. None: it would not. */
export function discards({ catalogue, to, newestGeneration, live, inLog }: Situation): string[] {
  const reasons: string[] = [];
  if (live !== null && live.cluster !== catalogue.cluster)
    reasons.push(
      `${live.where} is of the cluster ${live.cluster}, and the backup of ${catalogue.cluster}: name the right target, or restore where no other cluster is set; ${DISCARD}`,
    );
  else if (live !== null && hasNewer(live.newer))
    reasons.push(
      `${live.where} is alive, and a restore of ${to.toISOString()} would throw away ${told(live.newer)}; ${DISCARD}`,
    );
  const generation = Math.max(newestGeneration, live?.cluster === catalogue.cluster ? live.generation : 0);
  if (generation > catalogue.generation)
    reasons.push(
      `the backup is of generation ${catalogue.generation}, and the cluster was restored since, to generation ${generation}; ${DISCARD}`,
    );
  if (inLog !== null && inLog.events > 0)
    reasons.push(
      `Redis holds ${inLog.events} events that are newer, the last one of ${iso(inLog.newest)}: --keep-log offers them again, and ${DISCARD}`,
    );
  return reasons;
}

function hasNewer({ events, accounts, sessions, removals }: Newer): boolean {
  return events + accounts + sessions + removals > 0;
}

function told({ events, newest, accounts, sessions, removals }: Newer): string {
  const latest = newest === null ? "" : ` (newest ${iso(newest)})`;
  return `${count(events, "event")}${latest}, ${count(accounts, "account")}, ${count(sessions, "session")}, ${count(removals, "removal")}`;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
