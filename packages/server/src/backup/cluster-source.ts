import { readFile } from "node:fs/promises";
import {
  assertContents,
  type BackupSource,
  type Keys,
  ledgerLines,
  type PostgresSource,
  SIGNING_KEYS,
  takeBase,
} from "@hubbub/backup";
import type { FileStorage } from "@hubbub/files";
import type { Store } from "@hubbub/store";
import type { Settings } from "../settings.ts";
import { secretKeysText } from "./embedded-source.ts";

export function postgresOf(settings: Settings, databaseUrl: string): PostgresSource {
  return { databaseUrl, replicationUrl: settings.BACKUP_DATABASE_URL ?? databaseUrl };
}

/** A cluster. Its log is received beside, for as long as a process has the role. */
export function clusterSource(
  settings: Settings,
  databaseUrl: string,
  { store, files }: { readonly store: Store; readonly files: FileStorage | undefined },
): BackupSource {
  const postgres = postgresOf(settings, databaseUrl);
  return {
    ...{ kind: "cluster", files, keys: () => keysOf(settings), ledger: () => ledgerLines(store) },
    async database(folder, seal) {
      await assertContents(databaseUrl, files);
      return await takeBase(postgres, folder, seal);
    },
  };
}

async function keysOf(settings: Settings): Promise<Keys> {
  const keys = new Map<string, Uint8Array>();
  if (settings.AUTH_KEYS_FILE !== undefined) keys.set(SIGNING_KEYS, await readFile(settings.AUTH_KEYS_FILE));
  const secret = secretKeysText(settings);
  if (secret !== null) keys.set("secret-keys", secret);
  return keys;
}
