import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { urlsOfHosts } from "@hubbub/store/sql";
import { withPostgres } from "./base-backup.ts";
import type { Wanted } from "./choose.ts";
import { type Account, findPrograms, PostgresProgramFault, Program } from "./postgres-programs.ts";

export interface RecoveryOptions {
  /** With the base backup in it. */
  readonly data: string;
  /** Segments under their own names. */
  readonly wal: string;
  /** An id: as the base backup was when it ended. */
  readonly to: Wanted;
  /** Of the cluster: its database and its user count. */
  readonly databaseUrl: string;
}

const PORT = "5432";
const LOOK_MS = 100;
const OWNER_ONLY = 0o600;
const NOT_REACHED = "recovery ended before configured recovery target was reached";

/**
 * The operator's own settings do not count here: they may name files, programs and standbys that this machine lacks, or the archive of
 * the cluster. Arguments win over the postgresql.auto.conf of the base.
 */
const EMPTY: readonly string[] = [
  ...["recovery_target", "recovery_target_time", "recovery_target_name", "recovery_target_lsn", "recovery_target_xid"],
  ...["primary_conninfo", "primary_slot_name", "recovery_end_command", "archive_cleanup_command", "listen_addresses"],
  ...["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries", "synchronous_standby_names"],
  "external_pid_file",
];
const FIXED: readonly string[] = [
  ...["recovery_target_timeline=latest", "recovery_target_inclusive=on", "recovery_target_action=promote"],
  ...["archive_mode=off", "hot_standby=off", "ssl=off", "logging_collector=off", "log_destination=stderr"],
];

/** A Postgres that replays the log and then serves this machine's account alone, on a socket in a directory of its own. */
export class RecoveryServer implements AsyncDisposable {
  readonly url: string;
  readonly #program: Program;
  readonly #sockets: string;

  private constructor(program: Program, sockets: string, databaseUrl: string) {
    this.#program = program;
    this.#sockets = sockets;
    const { username, pathname } = new URL(urlsOfHosts(databaseUrl)[0]);
    this.url = `postgres://${username}@localhost${pathname}?host=${encodeURIComponent(sockets)}&port=${PORT}`;
  }

  /** @throws PostgresProgramFault */
  static async start({ data, wal, to, databaseUrl }: RecoveryOptions): Promise<RecoveryServer> {
    const programs = await findPrograms(["postgres"]);
    const account = await serverAccount();
    const sockets = await mkdtemp(join(tmpdir(), "hubbub-restore-"));
    const write = async (name: string, text: string) => {
      const file = join(sockets, name);
      await writeFile(file, text, { mode: OWNER_ONLY });
      await give(file, account);
      return file;
    };
    await give(sockets, account);
    await writeFile(join(data, "recovery.signal"), "");
    await give(join(data, "recovery.signal"), account);
    const settings = [
      `config_file=${await write("postgresql.conf", "")}`,
      `hba_file=${await write("pg_hba.conf", "local all all trust\n")}`,
      `ident_file=${await write("pg_ident.conf", "")}`,
      `unix_socket_directories=${sockets}`,
      `restore_command=cp "${wal}/%f" "%p"`,
      ...EMPTY.map((name) => `${name}=`),
      ...FIXED,
      // Behind the empty targets: Postgres refuses to empty one when another is set.
      ...targetOf(to),
    ];
    const args = ["-D", data, "-p", PORT, ...settings.flatMap((setting) => ["-c", setting])];
    const program = new Program(join(programs, "postgres"), args, { LC_ALL: "C" }, account);
    return new RecoveryServer(program, sockets, databaseUrl);
  }

  /** Resolves when the log is replayed and rows can be written. @throws PostgresProgramFault */
  async recovered(): Promise<void> {
    for (;;) {
      const isOver = await Promise.race([this.#isWritable(), this.#program.ended.then(() => "ended" as const)]);
      if (isOver === "ended") throw new PostgresProgramFault(this.#why());
      if (isOver) return;
      await delay(LOOK_MS);
    }
  }

  /** A fast shutdown, which leaves nothing to recover. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.child.kill("SIGINT");
    await this.#program.ended;
    await rm(this.#sockets, { recursive: true, force: true });
  }

  async #isWritable(): Promise<boolean> {
    const asked = withPostgres(this.url, (database) =>
      database.run<{ over: boolean }>({ name: "recovered", text: "select not pg_is_in_recovery() as over" }, []),
    );
    return await asked.then(
      ([row]) => row?.over === true,
      () => false,
    );
  }

  #why(): string {
    const { said } = this.#program;
    return said.includes(NOT_REACHED)
      ? "the log of the backup ends before that time: restore with --to latest"
      : `Postgres could not recover the backup:\n${said.trim()}`;
  }
}

function targetOf(to: Wanted): string[] {
  if (to === "latest") return [];
  const isTime = to instanceof Date;
  // Postgres accepts no names of time zones here, and Z is one.
  return [isTime ? `recovery_target_time=${to.toISOString().replace("Z", "+00")}` : "recovery_target=immediate"];
}

/** null: the account of this process. Root needs the one of Postgres. */
export async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const passwd = await readFile("/etc/passwd", "utf8");
  const [, , uid, gid] = /^postgres:.*$/m.exec(passwd)?.[0].split(":") ?? [];
  if (uid === undefined || gid === undefined)
    throw new PostgresProgramFault(
      "Postgres does not run as root: restore as another account, or make one named postgres",
    );
  return { uid: Number(uid), gid: Number(gid) };
}

async function give(path: string, account: Account | null): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid);
}
