import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@hubbub/runtime";
import { createEmbeddedStore, type EmbeddedStore } from "@hubbub/store";
import { lockDirectory } from "../directory-lock.ts";
import type { Settings } from "../settings.ts";

/** The database of DATA_DIR, under its lock. @throws DirectoryInUse while a server runs there; ConfigError, SchemaMismatch */
export async function openEmbeddedStore({
  DATA_DIR,
}: Pick<Settings, "DATA_DIR">): Promise<AsyncDisposable & { readonly store: EmbeddedStore }> {
  const dataDir = join(DATA_DIR, "postgres");
  if (!existsSync(dataDir))
    throw new ConfigError([
      `there is nothing in ${DATA_DIR}: set REDIS_URL and DATABASE_URL for a cluster, DATA_DIR for a server of one process`,
    ]);
  const unlock = await lockDirectory(DATA_DIR);
  try {
    const store = await createEmbeddedStore({ dataDir });
    return {
      store,
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
