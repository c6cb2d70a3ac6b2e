import { chmod, mkdir, stat } from "node:fs/promises";
import { ConfigError } from "@hubbub/runtime";

const OWNER_ONLY = 0o700;
const OTHERS_MAY_WRITE = 0o022;
const WORLD = 0o007;
/** Windows has no such modes: there the rights of the folder above count. */
const hasModes = process.platform !== "win32";

/**
 * Makes a directory that this account alone may use, or takes one that stands. Others may list it, but never write it:
 * who writes a directory can put another one in the place of those in it.
 *
 * @throws ConfigError when others could write it, or it belongs to another account
 */
export async function openDataDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  if (!hasModes) return;
  const { mode, uid } = await stat(path);
  const self = process.getuid?.();
  if (self !== undefined && uid !== self && uid !== 0)
    throw new ConfigError([`DATA_DIR=${path} belongs to another account: chown it to the one that runs Hubbub`]);
  if ((mode & OTHERS_MAY_WRITE) !== 0)
    throw new ConfigError([
      `DATA_DIR=${path} can be written by other accounts (mode ${octal(mode)}): chmod 700 ${path}`,
    ]);
}

/** A directory of our own in the data directory: also one that an earlier version left open is closed to others. */
export async function openPrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  if (hasModes) await chmod(path, OWNER_ONLY);
}

/** @throws ConfigError when accounts outside the owner and its group can read or write the file */
export async function assertSecret(setting: string, path: string): Promise<void> {
  if (!hasModes) return;
  const { mode } = await stat(path);
  if ((mode & WORLD) !== 0)
    throw new ConfigError([
      `${setting}=${path} can be used by every account (mode ${octal(mode)}): chmod 600 ${path} (in Kubernetes: defaultMode 0440)`,
    ]);
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}
