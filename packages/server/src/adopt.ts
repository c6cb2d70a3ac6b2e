import { parseArgs } from "node:util";
import { createRedisInspection } from "@hubbub/broker";
import type { Store } from "@hubbub/store";
import type { Settings } from "./settings.ts";

export interface AdoptOptions {
  readonly reason: string;
  readonly keepSessions: boolean;
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
      options: { reason: { type: "string" }, "keep-sessions": { type: "boolean" } },
    });
    return { reason: values.reason ?? "restored", keepSessions: values["keep-sessions"] ?? false };
  } catch {
    return null;
  }
}

const SILENT = { warn: () => undefined, error: () => undefined };

/**
 * Makes a database that was restored the beginning of a new generation. All processes must be stopped: one that runs on
 * would go on numbering in the old log.
 * @throws AdoptionRefused while a writer has a lease
 */
export async function adopt(store: Store, settings: Settings, options: AdoptOptions): Promise<void> {
  await store.assertSchema();
  const alive = await store.cluster.writersAlive();
  if (alive.length > 0) {
    throw new AdoptionRefused(
      `stop every process first: ${alive.length} writers have a lease (${alive.join(", ")}). A lease ends within WRITER_LEASE_MS`,
    );
  }
  const { generation, rooms, sessions } = await store.cluster.adopt({
    ...options,
    above: await rememberedGeneration(settings),
  });
  process.stdout.write(
    `generation ${generation}: ${rooms} rooms are numbered anew, ${sessions} sessions ended. Start the processes, then run verify.\n`,
  );
}

/** The backup may be older than the last adoption, which only Redis remembers then. */
async function rememberedGeneration({ REDIS_URL, REDIS_PREFIX, SHARDS }: Settings): Promise<number> {
  if (REDIS_URL === undefined) return 0;
  await using log = createRedisInspection({ url: REDIS_URL, prefix: REDIS_PREFIX, shards: SHARDS, log: SILENT });
  return await log.newestGeneration();
}
