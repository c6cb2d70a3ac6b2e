import { createWriteStream } from "node:fs";
import { chmod, lchown, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Objects } from "@hubbub/files";
import { createPostgresStore } from "@hubbub/store";
import { withPostgres } from "./base-backup.ts";
import type { Catalogue } from "./catalogue.ts";
import { lacksOfLog, planOf, shippedAt } from "./cluster-log.ts";
import { type Identity, opened, openPart } from "./fetch.ts";
import { unpacked } from "./pack.ts";
import { type Account, Program } from "./postgres-programs.ts";
import { RecoveryServer, serverAccount } from "./recovery-server.ts";
import { RestoreRefused } from "./refusals.ts";
import type { DatabaseWork, OpenDatabase, RestoreMeans } from "./restore.ts";
import { bytesOf, isHistory, isPartial, lastWhole, parseSegment, withoutPartial } from "./wal-names.ts";

export interface ClusterRestoreOptions {
  /** Of the cluster: the name of its database and of its user. */
  readonly databaseUrl: string;
  readonly adopt: RestoreMeans["adopt"];
}

const OWNER_ONLY = 0o700;
const MAY_PASS = 0o711;
const STATEMENT_TIMEOUT_MS = 600_000;
const POOL_MAX = 2;

/** A base backup and the log behind it, by a Postgres that this process starts and stops. */
export function clusterMeans(options: ClusterRestoreOptions): RestoreMeans {
  return {
    kind: "cluster",
    adopt: options.adopt,
    lacks: lacksOfLog,
    endOf,
    open: (work) => open(work, options),
  };
}

/** Of the newest log that the target has. */
async function endOf(objects: Objects, catalogue: Catalogue): Promise<Date> {
  const shipped = (await shippedAt(objects, catalogue)) ?? catalogue.takenAt;
  return new Date(Math.max(Date.parse(shipped), Date.parse(catalogue.takenAt)));
}

async function open(work: DatabaseWork, { databaseUrl }: ClusterRestoreOptions): Promise<OpenDatabase> {
  const { catalogue, into, folder, steps, wanted } = work;
  const account = await serverAccount();
  const data = join(into, "data");
  const wal = join(folder, "wal");
  await steps.run("unpack", () => unpackBase(work, data, account));
  const last = await steps.run("fetch the log", () => fetchWal(work, wal));
  // The account `postgres` must be able to traverse these directories.
  if (account !== null) for (const directory of [into, folder]) await chmod(directory, MAY_PASS);
  await own(wal, account);
  const server = await RecoveryServer.start({ data, wal, to: wanted, databaseUrl });
  try {
    await steps.run("replay the log", () => server.recovered());
    const { url } = server;
    if (wanted === "latest" && last !== null) await assertReplayed(url, last, catalogue);
    const at = wanted instanceof Date ? wanted : ((await newestCommit(url)) ?? new Date(catalogue.takenAt));
    const limits = { poolMax: POOL_MAX, statementTimeoutMs: STATEMENT_TIMEOUT_MS };
    const store = createPostgresStore({ url, ...limits, applicationName: `restore of ${catalogue.id}` });
    return {
      ...{ store, url, at },
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Postgres takes a segment that it cannot read for the end of the log. `last`: the last whole one. @throws RestoreRefused */
async function assertReplayed(url: string, last: string, { wal }: Catalogue): Promise<void> {
  const asked = { name: "replayed", text: "select pg_last_wal_replay_lsn()::text as position" };
  const [row] = await withPostgres(url, (database) => database.run<{ position: string | null }>(asked, []));
  const position = row?.position ?? "0/0";
  const segmentBytes = wal?.segmentBytes ?? 0;
  const start = (parseSegment(last, segmentBytes)?.number ?? 0) * segmentBytes;
  // The end of a segment is the start of the next one, of which nothing is replayed then.
  if (bytesOf(position) <= start)
    throw new RestoreRefused([
      `Postgres replayed the log to ${position} alone, and not ${last}, the last whole segment: the log is damaged, or this disk is full. Restore from another target, or with --to a time or an ID`,
    ]);
}

/** null: the log had none. */
async function newestCommit(url: string): Promise<Date | null> {
  const asked = { name: "newest-commit", text: "select pg_last_xact_replay_timestamp() as at" };
  const [row] = await withPostgres(url, (database) => database.run<{ at: Date | null }>(asked, []));
  return row?.at ?? null;
}

async function unpackBase(work: DatabaseWork, data: string, account: Account | null): Promise<void> {
  const { catalogue, folder, identity } = work;
  await mkdir(data, { mode: OWNER_ONLY });
  // It must not end before its input does, which would break the pipe.
  const tar = new Program("tar", ["-x", "--ignore-zeros", "-C", data], { LC_ALL: "C", PATH: "/usr/bin:/bin" });
  const { stdin } = tar.child;
  if (stdin === null) throw new TypeError("the program has no stdin");
  await pipeline(Readable.from(openPart(catalogue.database, folder, identity)), stdin);
  await tar.done();
  await own(data, account);
}

/** Answers the last whole segment. @throws RestoreRefused when one is damaged */
async function fetchWal({ objects, catalogue, identity }: DatabaseWork, wal: string): Promise<string | null> {
  await mkdir(wal, { mode: OWNER_ONLY });
  const { names, byFile, segmentBytes } = await planOf(objects, catalogue);
  for (const file of names) {
    const path = join(wal, isPartial(file) ? withoutPartial(file) : file);
    await fetchOne(objects, byFile.get(file) ?? file, { identity, path }).catch((error: Error) => {
      throw new RestoreRefused([`${file} of the log is damaged (${error.message}): restore from another target`]);
    });
    const { size } = await stat(path);
    if (!isHistory(file) && size !== segmentBytes)
      throw new RestoreRefused([
        `${file} of the log has ${size} bytes and not ${segmentBytes}: restore from another target`,
      ]);
  }
  return lastWhole(names);
}

async function fetchOne(
  objects: Objects,
  name: string,
  { identity, path }: { identity: Identity; path: string },
): Promise<void> {
  const chunks = unpacked(opened(name, identity, await objects.read(name)));
  await pipeline(Readable.from(chunks), createWriteStream(path, { mode: 0o600, flags: "wx" }));
}

/** Everything below a directory too. A base of Postgres has no links, which could lead out of it. @throws RestoreRefused */
async function own(directory: string, account: Account | null): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link !== undefined)
    throw new RestoreRefused([
      `the base has the link ${link.name}, which Postgres does not make: restore from another target`,
    ]);
  if (account === null) return;
  for (const path of [directory, ...entries.map(({ parentPath, name }) => join(parentPath, name))])
    await lchown(path, account.uid, account.gid);
}
