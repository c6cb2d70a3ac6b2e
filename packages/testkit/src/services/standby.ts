import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { query } from "../database.ts";
import { findAccount } from "./account.ts";
import { openDataDirectory } from "./data-directory.ts";
import { type PostgresService, postgresProgram, startPostgres } from "./postgres.ts";
import { provide } from "./provide.ts";
import { run } from "./run.ts";

export interface StandbyService extends PostgresService {
  /** Makes it a primary that no longer follows. */
  promote(): Promise<void>;
}

/** A hot standby that follows a Postgres of this machine, which has a database with the same password. */
export async function startStandby(primary: PostgresService): Promise<StandbyService> {
  const source = await provide(postgresProgram);
  if (source.kind !== "binary") throw new Error("a standby needs the programs of Postgres on this machine");
  const directory = await openDataDirectory("standby", undefined);
  const { password } = new URL(primary.url);
  const owner = process.getuid?.() === 0 ? await findAccount("postgres") : null;
  await chmod(directory.path, 0o711);
  const data = join(directory.path, "data");
  await run("install", ["-d", "-m", "700", ...(owner === null ? [] : ["-o", "postgres"]), data]);
  const copy = ["-d", primary.url, "-D", data, "-R", "--checkpoint=fast", "--no-sync"];
  await run(join(source.directory, "pg_basebackup"), copy, { ...owner, cwd: data });
  // With it the directory counts as made.
  await writeFile(join(directory.path, "password"), password, { mode: 0o600 });
  const service = await startPostgres({ directory: directory.path });
  const end = service.stop.bind(service);
  const stop = async () => {
    await end();
    await directory.close();
  };
  return Object.assign(service, {
    promote: async () => void (await query(service.url, "select pg_promote()")),
    stop,
    [Symbol.asyncDispose]: stop,
  });
}
