import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DataDirectory {
  readonly path: string;
  /** Removes it if it is temporary. */
  close(): Promise<void>;
}

/** Removed with the process that made them, should it leave without closing them. */
const temporary = new Set<string>();
process.once("exit", () => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

const ownerOnly = 0o700;

/** A directory for this account alone, that is kept when it was asked for by name, and removed when it is temporary. */
export async function openDataDirectory(name: string, path: string | undefined): Promise<DataDirectory> {
  if (path !== undefined) {
    await mkdir(path, { recursive: true });
    await chmod(path, ownerOnly);
    return { path, close: () => Promise.resolve() };
  }
  const created = await mkdtemp(join(tmpdir(), `hubbub-${name}-`));
  temporary.add(created);
  return {
    path: created,
    close: async () => {
      await rm(created, { recursive: true, force: true, maxRetries: 5 });
      temporary.delete(created);
    },
  };
}
