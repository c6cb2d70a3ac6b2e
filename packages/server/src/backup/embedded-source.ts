import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackupSource, type Keys, ledgerLines, SIGNING_KEYS, takeEmbedded } from "@hubbub/backup";
import type { FileStorage } from "@hubbub/files";
import type { EmbeddedStore } from "@hubbub/store";
import type { Settings } from "../settings.ts";

/** In the data directory, where a server looks for keys that no setting gives. */
const SECRET_KEYS = "secret-keys";

/** An embedded server, whether it serves or not. `store` is its own: nothing else may open the directory. */
export function embeddedSource(settings: Settings, store: EmbeddedStore, files: FileStorage | undefined): BackupSource {
  return {
    kind: "embedded",
    files,
    database: (folder, seal) => takeEmbedded(store, folder, seal),
    keys: () => keysOf(settings),
    ledger: () => ledgerLines(store),
  };
}

async function keysOf(settings: Settings): Promise<Keys> {
  const { DATA_DIR, AUTH_KEYS_FILE } = settings;
  const keys = new Map<string, Uint8Array>();
  const signing = await readIfThere(AUTH_KEYS_FILE ?? join(DATA_DIR, SIGNING_KEYS));
  if (signing !== null) keys.set(SIGNING_KEYS, signing);
  const kept = secretKeysText(settings) ?? (await readIfThere(join(DATA_DIR, SECRET_KEYS)));
  if (kept !== null) keys.set(SECRET_KEYS, kept);
  return keys;
}

/** As the file of a data directory has them; null: none are set. */
export function secretKeysText({ SECRET_KEYS: keys }: Pick<Settings, "SECRET_KEYS">): Uint8Array | null {
  if (keys.length === 0) return null;
  return Buffer.from(`${keys.map(({ id, key }) => `${id}:${key.toString("base64url")}`).join(",")}\n`);
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  return await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
