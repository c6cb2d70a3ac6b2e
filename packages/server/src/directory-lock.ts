import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Another process works in the data directory, or the lock cannot be had. The message says what to do. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
  /** Who holds it; undefined: the lock cannot be had. */
  readonly holder: string | undefined;

  constructor(message: string, holder?: string) {
    super(message);
    this.holder = holder;
  }
}

const { O_RDWR, O_CREAT, O_NONBLOCK } = constants;
/** `O_EXLOCK` of macOS and `UV_FS_O_EXLOCK` of libuv on Windows: open and lock in one call. Linux has no such flag. */
const LOCKING_FLAGS: Readonly<Record<string, number>> = { darwin: 0x20 | O_NONBLOCK, win32: 0x1000_0000 };
const OWNER_ONLY = 0o600;
const FLOCK_TIMEOUT_MS = 10_000;
/** What `flock -n` ends with when another process holds the lock. */
const FLOCK_IS_TAKEN = 1;

/**
 * Takes a data directory for this process by a lock of the kernel on the file `lock` in it. The lock ends with the
 * process, however that ends, and holds between containers of one machine. Two processes in one directory would destroy
 * it. The file stays: removing a locked file would let two processes lock two files of one name.
 *
 * @returns the release
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const file = await openLocked(path, directory);
  await file.truncate(0);
  await file.write(`process ${process.pid} on ${hostname()}`, 0);
  return async () => {
    await file.truncate(0);
    await file.close();
  };
}

async function openLocked(path: string, directory: string): Promise<FileHandle> {
  const flags = LOCKING_FLAGS[process.platform];
  if (flags !== undefined) {
    return open(path, O_RDWR | O_CREAT | flags, OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EAGAIN" || error.code === "EBUSY" ? inUse(directory, "") : error;
    });
  }
  const file = await open(path, O_RDWR | O_CREAT, OWNER_ONLY);
  try {
    await lockByCommand(file, directory);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** `flock` locks the open file that it inherits from this process, which keeps the lock when the command has ended. */
async function lockByCommand(file: FileHandle, directory: string): Promise<void> {
  const stdio = ["ignore", "ignore", "pipe", file.fd] as const;
  const flock = spawnSync("flock", ["-n", "-x", "3"], { stdio: [...stdio], timeout: FLOCK_TIMEOUT_MS });
  if (flock.status === 0) return;
  const said = flock.error?.message ?? `${flock.stderr}`.trim();
  if (flock.status === FLOCK_IS_TAKEN && said === "") throw inUse(directory, await file.readFile("utf8"));
  throw new DirectoryInUse(
    `cannot lock ${directory}: ${said}. Linux needs the command \`flock\` (package util-linux) and a file system with locks`,
  );
}

function inUse(directory: string, holder: string): DirectoryInUse {
  const who = holder === "" ? "another process" : holder;
  return new DirectoryInUse(
    `${directory} is in use by ${who}: stop that one, or give this one a directory of its own with DATA_DIR`,
    who,
  );
}
