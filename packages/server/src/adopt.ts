import { parseArgs } from "node:util";
import {
  closeGenerations,
  type GenerationsOptions,
  generationsToOffer,
  newestGeneration,
  setGenerationsToOffer,
} from "@hubbub/broker";
import type { Store } from "@hubbub/store";
import { keepLog } from "./keep-log.ts";
import type { Settings } from "./settings.ts";

export interface AdoptOptions {
  readonly reason: string;
  readonly keepSessions: boolean;
  readonly keepLog: boolean;
  /** The new generation is above this one too, which a backup remembers. */
  readonly above?: number | undefined;
}

/** The database cannot be adopted now; the message says what to do. */
export class AdoptionRefused extends Error {
  override readonly name = "AdoptionRefused";
}

/** null: not what the command takes. */
export function parseAdoptArguments(args: readonly string[]): AdoptOptions | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { reason: { type: "string" }, "keep-sessions": { type: "boolean" }, "keep-log": { type: "boolean" } },
    });
    return {
      reason: values.reason ?? "restored",
      keepSessions: values["keep-sessions"] ?? false,
      keepLog: values["keep-log"] ?? false,
    };
  } catch {
    return null;
  }
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Makes a database that was restored the beginning of a new generation. First the logs of the former generations are
 * closed: a process that runs on cannot accept anything there, and ends when it sees the new generation. Should a later
 * step fail, the command may be repeated: Redis remembers what its first try had to keep.
 * @throws AdoptionRefused while a writer has a lease; BrokerUnavailable
 */
export async function adopt(
  store: Store,
  settings: Settings,
  options: AdoptOptions,
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<void> {
  await store.assertSchema();
  const alive = await store.cluster.writersAlive();
  if (alive.length > 0) {
    throw new AdoptionRefused(
      `stop every process first: ${alive.length} writers have a lease (${alive.join(", ")}). A lease ends within WRITER_LEASE_MS`,
    );
  }
  const log = logOf(settings);
  if (options.keepLog && log === null)
    throw new AdoptionRefused("--keep-log needs REDIS_URL: it names the log to keep");
  const former = await formerGenerations(store, log, options);
  const above = Math.max(...former, options.above ?? 0);
  if (log !== null) {
    await closeGenerations(log, former, above + 1);
    if (options.keepLog) await setGenerationsToOffer(log, former);
  }
  const { generation, rooms, sessions } = await store.cluster.adopt({ ...options, above });
  print(`generation ${generation}: ${rooms} rooms are numbered anew, ${sessions} sessions ended.\n`);
  if (options.keepLog && log !== null) {
    const { offered, homeless } = await keepLog(store, { ...log, from: former, to: generation });
    print(`${offered} events of the former log were offered again${homelessIn(homeless)}.\n`);
  }
  if (log !== null) await setGenerationsToOffer(log, []);
  print("Start the processes, then run verify.\n");
}

/** Rising. With `keepLog` those whose logs an earlier try did not offer to the end are among them. */
async function formerGenerations(
  store: Store,
  log: GenerationsOptions | null,
  options: AdoptOptions,
): Promise<readonly number[]> {
  const former = new Set([await store.cluster.generation()]);
  if (log !== null) {
    // The backup may be older than the last adoption, which only Redis remembers then.
    former.add(await newestGeneration(log));
    if (options.keepLog) for (const generation of await generationsToOffer(log)) former.add(generation);
  }
  return [...former].sort((one, other) => one - other);
}

function homelessIn(count: number): string {
  return count === 0 ? "" : `; ${count} are left out, for the database does not have their rooms`;
}

function logOf({ REDIS_URL, REDIS_PREFIX, SHARDS }: Settings): GenerationsOptions | null {
  return REDIS_URL === undefined ? null : { url: REDIS_URL, prefix: REDIS_PREFIX, shards: SHARDS, log: SILENT };
}
