import { access, constants, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PostgresSource } from "./base-backup.ts";
import { connectionOf, findPrograms, Program } from "./postgres-programs.ts";

export interface WalReceiverOptions {
  readonly source: PostgresSource;
  /** Made if it is not there. */
  readonly spool: string;
  /** What was not received is gone in Postgres: it begins anew, and a base backup has to make up for it. */
  readonly onGap: () => void;
  /** Hears why the log is not received now. */
  readonly onFault: (message: string) => void;
}

/**
 * The replication slot keeps what is not received yet, and has one receiver at a time: it is the lease of the backup role.
 * Postgres bounds what it keeps by `max_slot_wal_keep_size`.
 */
const SLOT = "hubbub_backup";
const RETRY_MS = 5_000;
const OWNER_ONLY = 0o700;
/** It says that it begins before Postgres refuses: another process has the slot, or the log is gone. */
const SETTLED_MS = 2_000;
const STREAMING = /starting log streaming/;
/** Further back than `max_slot_wal_keep_size`, or of another history of the same database. */
const IS_GONE =
  /has already been removed|can no longer (get|access)|is ahead of the WAL flush position|is not in this server's history/;

/** Linux has it everywhere (util-linux). */
const SETPRIV = "/usr/bin/setpriv";

/** Ends with this process however that ends: left alone it would keep the slot, and nobody would send what it receives. */
async function leashed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Program> {
  const canLeash = await access(SETPRIV, constants.X_OK).then(
    () => true,
    () => false,
  );
  return canLeash
    ? new Program(SETPRIV, ["--pdeathsig", "INT", command, ...args], env)
    : new Program(command, args, env);
}

/** Runs `pg_receivewal` until it is closed. */
export class WalReceiver implements AsyncDisposable {
  readonly #options: WalReceiverOptions;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #program: Program | undefined;
  /** Monotonic ms; undefined: it has not begun. */
  #begunAt: number | undefined;

  constructor(options: WalReceiverOptions) {
    this.#options = options;
    this.#ended = this.#keepRunning();
  }

  /** This process has the slot. */
  get isReceiving(): boolean {
    return this.#begunAt !== undefined && performance.now() - this.#begunAt >= SETTLED_MS;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#program?.child.kill("SIGINT");
    await this.#ended;
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#runOnce().catch((error: Error) => {
        if (!signal.aborted) this.#options.onFault(error.message);
      });
      this.#program = undefined;
      this.#begunAt = undefined;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #runOnce(): Promise<void> {
    const { source, spool } = this.#options;
    await mkdir(spool, { recursive: true, mode: OWNER_ONLY });
    const command = join(await findPrograms(["pg_receivewal"]), "pg_receivewal");
    const { url, env } = connectionOf(source.replicationUrl);
    const common = ["-d", url, "--slot", SLOT, "--no-password"];
    await new Program(command, [...common, "--create-slot", "--if-not-exists"], env).done();
    if (this.#closing.signal.aborted) return;
    // Flushes at once, so that the slot never lets go of what only memory has.
    const args = [...common, "-D", spool, "--synchronous", "--no-loop", "--verbose", "--status-interval=1"];
    this.#program = await leashed(command, args, env);
    this.#program.child.stderr?.on("data", (text: string) => {
      if (STREAMING.test(text)) this.#begunAt ??= performance.now();
    });
    try {
      await this.#program.done();
    } catch (error) {
      this.#begunAt = undefined;
      if (!IS_GONE.test(this.#program.said)) throw error;
      this.#options.onFault(this.#program.said.trim());
      await this.#beginAnew(command, common, env);
      await this.#runOnce();
    }
  }

  /** Empties the spool, from which the log cannot continue: its content is in the targets, or lost. */
  async #beginAnew(command: string, common: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
    const { spool, onGap } = this.#options;
    onGap();
    for (const name of await readdir(spool)) await rm(join(spool, name), { force: true });
    await new Program(command, [...common, "--drop-slot"], env).done();
  }
}
