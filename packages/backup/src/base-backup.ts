import { join } from "node:path";
import type { FileStorage } from "@hubbub/files";
import { type Database, openPostgres } from "@hubbub/store/sql";
import type { TakenDatabase } from "./backup.ts";
import { contentsOf } from "./content.ts";
import { FACTS, type Facts } from "./facts.ts";
import { pack } from "./pack.ts";
import { connectionOf, findPrograms, PostgresProgramFault, Program } from "./postgres-programs.ts";
import type { Seal } from "./seal.ts";

export interface PostgresSource {
  /** Of a role that may read rows. */
  readonly databaseUrl: string;
  /** Of a role with REPLICATION; the same server. */
  readonly replicationUrl: string;
}

const BASE = "base.tar.gz";
/** In the manifest, which is the last file of the archive. */
const RANGE = /"Timeline": (\d+), "Start-LSN": "([0-9A-F/]+)", "End-LSN": "([0-9A-F/]+)"/;
const MANIFEST_END_BYTES = 16_384;
const STATEMENT_TIMEOUT_MS = 60_000;
const SEGMENT = {
  name: "backup-segment",
  text: "select setting::float8 as bytes from pg_settings where name = 'wal_segment_size'",
};

const STORED = {
  name: "backup-stored-files",
  text: "select exists (select from hubbub.files where stored_at is not null) as are",
};

/** The storage of this process is not that of the cluster; the message says what to do. */
export class ContentsAway extends Error {
  override readonly name = "ContentsAway";
}

/** A backup of the wrong storage would be whole without any file. @throws ContentsAway */
export async function assertContents(databaseUrl: string, files: FileStorage | undefined): Promise<void> {
  for await (const _ of contentsOf(files)) return;
  const [stored] = await withPostgres(databaseUrl, (database) => database.run<{ are: boolean }>(STORED, []));
  if (stored?.are === true)
    throw new ContentsAway(
      "the database has uploaded files, and the storage of this process has none: set FILES_DIR or FILES_S3_URL as every api has it (a directory must be the same one, not one of this machine)",
    );
}

/** All of Postgres but its log, by `pg_basebackup`, which waits for a checkpoint and for nothing else. */
export async function takeBase(source: PostgresSource, folder: string, seal: Seal): Promise<TakenDatabase> {
  const programs = await findPrograms(["pg_basebackup"]);
  const { url, env } = connectionOf(source.replicationUrl);
  const args = ["-d", url, "-D", "-", "-Ft", "-X", "none", "--checkpoint=fast", "--no-password"];
  const program = new Program(join(programs, "pg_basebackup"), args, env);
  program.child.stdin?.end();
  const tail = new Tail();
  const packed = await pack(tail.through(program.output()), join(folder, BASE), seal);
  const [, timeline, start, end] = RANGE.exec(tail.text) ?? [];
  if (start === undefined || end === undefined) throw new PostgresProgramFault("pg_basebackup made no manifest");
  const { facts, segmentBytes } = await ask(source.databaseUrl);
  const wal = { timeline: Number(timeline), start, end, segmentBytes };
  return { packed, facts, wal, byHand: byHandOf(packed.name, start) };
}

/** A time after the end of the base backup: every later time can be restored. */
async function ask(url: string): Promise<{ readonly facts: Facts; readonly segmentBytes: number }> {
  return await withPostgres(url, async (database) => {
    const [facts] = await database.run<Facts>(FACTS, []);
    const [segment] = await database.run<{ bytes: number }>(SEGMENT, []);
    if (facts === undefined || segment === undefined) throw new Error("the statement returned no row");
    return { facts, segmentBytes: segment.bytes };
  });
}

export async function withPostgres<Result>(
  url: string,
  work: (database: Database) => Promise<Result>,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
): Promise<Result> {
  const options = { poolMax: 1, statementTimeoutMs, applicationName: "hubbub-backup" };
  const database = openPostgres({ url, ...options });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Keeps the end of what goes through. */
class Tail {
  #kept = Buffer.alloc(0);

  get text(): string {
    return this.#kept.toString("latin1");
  }

  async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#kept = Buffer.concat([this.#kept, chunk.subarray(-MANIFEST_END_BYTES)]).subarray(-MANIFEST_END_BYTES);
      yield chunk;
    }
  }
}

function byHandOf(name: string, start: string): string[] {
  const isSealed = name.endsWith(".age");
  return [
    ...(isSealed ? [`age -d -i IDENTITY ${name} > ${BASE}`] : []),
    `mkdir -m 700 data && tar -xzf ${BASE} -C data`,
    `gunzip the objects of wal/ from position ${start} on into a folder WAL (a .partial without its end of name, if it is the last)`,
    "in data/postgresql.auto.conf: restore_command = 'cp WAL/%f %p', and recovery_target_time = '…' for an earlier time",
    "touch data/recovery.signal, pg_ctl -D data start, and `hubbub adopt` with DATABASE_URL of this Postgres",
    "put the objects of files/ below FILES_DIR/content, and the files of keys.json.gz (base64) where AUTH_KEYS_FILE is",
  ];
}
