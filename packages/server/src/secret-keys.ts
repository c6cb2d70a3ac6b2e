import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { apiSettings, type SecretKey } from "@hubbub/api";
import { parseEnv } from "@hubbub/runtime";
import { assertSecret } from "./private-files.ts";

const OWNER_ONLY = 0o600;
const BYTES = 32;

/**
 * The keys in a file, as SECRET_KEYS has them; makes the file with one key. For a server of one process, whose data
 * directory has its secrets already.
 * @throws ConfigError when others can read the file, or it holds no keys
 */
export async function ensureSecretKeys(file: string): Promise<readonly SecretKey[]> {
  const made = `k1:${randomBytes(BYTES).toString("base64url")}\n`;
  await writeFile(file, made, { flag: "wx", mode: OWNER_ONLY }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await assertSecret("SECRET_KEYS", file);
  const text = (await readFile(file, "utf8")).trim();
  return parseEnv({ SECRET_KEYS: apiSettings.SECRET_KEYS }, { SECRET_KEYS: text }).SECRET_KEYS;
}
