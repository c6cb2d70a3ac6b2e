import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type BackupResult,
  ContentKeeper,
  clusterOf,
  createSeal,
  LedgerKeeper,
  WalReceiver,
  WalShipper,
} from "@hubbub/backup";
import type { FileStorage } from "@hubbub/files";
import { type Logger, type Loop, pause, runLoop } from "@hubbub/runtime";
import type { Parts } from "../parts.ts";
import type { Settings } from "../settings.ts";
import { clusterSource, postgresOf } from "./cluster-source.ts";
import { ScheduledBackups } from "./scheduled.ts";
import { targetsOf } from "./settings.ts";

export interface ClusterBackupsOptions {
  readonly settings: Settings;
  readonly parts: Pick<Parts, "store" | "generation">;
  readonly storage: FileStorage | undefined;
  readonly log: Logger;
}

const SHIP_MS = 5_000;
/** Reads all acts that take something away, which are few. */
const LEDGER_MS = 60_000;
/** 2 GiB of segments may wait for a target that is away. */
const WAITING_MAX = 128;
const OWED_MS = 21_600_000;
const OWNER_ONLY = 0o700;

interface Sending {
  readonly receiver: WalReceiver;
  readonly shipper: WalShipper;
  readonly ledger: LedgerKeeper;
  readonly contents: ContentKeeper;
  /** The spool had segments at the start: the log goes on where this process left it. */
  readonly isContinued: boolean;
}

/**
 * The role `backup`: receives the log of Postgres into a spool, sends it to all targets every five seconds, and takes a base
 * backup when it is due. Of several processes the one that has the replication slot works; the others wait for it.
 */
export class ClusterBackups implements Loop {
  readonly #options: ClusterBackupsOptions;
  readonly #log: Logger;
  readonly #url: string;
  /** For a moment: what is being packed. */
  readonly #work: string;
  readonly #bases: ScheduledBackups;
  /** undefined: the database was not reached yet, which says where the log belongs. */
  #sending: Sending | undefined;
  #ledgerAt = 0;
  /** Unix ms; a base that a target did not take is not repeated before. */
  #owedAt = 0;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  /** Why the log is not received. */
  #fault: string | null = null;
  #hasBegun = false;

  constructor(options: ClusterBackupsOptions) {
    const { settings, parts, storage, log } = options;
    const { DATABASE_URL: url } = settings;
    if (url === undefined) throw new TypeError("the role of a cluster needs its database");
    this.#options = options;
    this.#log = log;
    this.#url = url;
    this.#work = join(settings.DATA_DIR, "backup-spool", "work");
    const source = clusterSource(settings, url, { store: parts.store, files: storage });
    this.#bases = new ScheduledBackups(source, settings, log, () => this.#isReceiving);
    this.#running = runLoop(this);
  }

  get isDone(): boolean {
    return this.#closing.signal.aborted;
  }

  readiness(): readonly string[] {
    return [];
  }

  troubles(): readonly string[] {
    const away = (this.#sending?.shipper.faults ?? []).map(
      ({ target, fault }) => `${target} does not take the log: ${fault}`,
    );
    return this.#isReceiving ? away : [`the log of Postgres is not received: ${this.#fault ?? "not yet"}`, ...away];
  }

  now(): Promise<BackupResult> {
    return this.#bases.now();
  }

  async drain(): Promise<void> {
    // Others are not served by it.
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#sending?.receiver[Symbol.asyncDispose]();
    await this.#bases.close();
    await this.#sending?.contents.close();
    // What was received last goes to the targets too.
    await this.#sending?.shipper.ship(this.#work).catch((error: unknown) => this.recover(error));
    await this.#sending?.shipper.close();
  }

  async close(): Promise<void> {
    // `stop` has done it.
  }

  async step(): Promise<void> {
    this.#sending ??= await this.#begin();
    const { shipper, ledger, contents, isContinued } = this.#sending;
    if (this.#isReceiving && !this.#hasBegun) {
      this.#hasBegun = true;
      this.#fault = null;
      // What another process received and has not sent is missing in front of this: a base makes up for it.
      if (!isContinued) this.#bases.demand();
    }
    if (this.#hasBegun && (await shipper.ship(this.#work))) {
      this.#log.error(
        "a target is back and has lost a part of the log, because it was away for too long: a base backup follows",
      );
      this.#bases.demand();
    }
    this.#demandOwed(shipper);
    if (this.#hasBegun && Date.now() >= this.#ledgerAt) {
      this.#ledgerAt = Number.POSITIVE_INFINITY;
      // Beside the log, which must not wait for a target that is slow.
      void this.#keepLedger(ledger);
    }
    // Beside the log too.
    if (this.#hasBegun) contents.begin();
    await pause(SHIP_MS, this.#closing.signal, false);
  }

  async recover(error: unknown): Promise<void> {
    const what = this.#sending === undefined ? "the backup cannot begin" : "the log could not be sent to the targets";
    this.#log.error({ err: error }, what);
    await pause(SHIP_MS, this.#closing.signal, false);
  }

  /** A target may take the log and no base: each attempt is a base for all targets. */
  #demandOwed({ faults }: WalShipper): void {
    const isBack = [...this.#bases.owed].some((label) => !faults.some(({ target }) => target === label));
    if (!isBack || Date.now() < this.#owedAt) return;
    this.#owedAt = Date.now() + OWED_MS;
    this.#bases.demand();
  }

  async #keepLedger(ledger: LedgerKeeper): Promise<void> {
    await ledger
      .keep()
      .catch((error: unknown) => this.#log.warn({ err: error }, "the ledger could not be sent to every target"));
    this.#ledgerAt = Date.now() + LEDGER_MS;
  }

  async #begin(): Promise<Sending> {
    const { settings, parts, storage } = this.#options;
    const { store, generation = 0 } = parts;
    const cluster = await clusterOf(this.#url);
    // Segments of another life of the database have the same names.
    const spool = join(settings.DATA_DIR, "backup-spool", `wal-${cluster}-${generation}`);
    await rm(this.#work, { recursive: true, force: true });
    await mkdir(this.#work, { recursive: true, mode: OWNER_ONLY });
    const isContinued = (await readdir(spool).catch(() => [])).length > 0;
    const seal = createSeal(settings.BACKUP_RECIPIENTS);
    const targets = targetsOf(settings);
    const limits = { maxFiles: WAITING_MAX, patienceMs: SHIP_MS };
    return {
      isContinued,
      shipper: new WalShipper({ spool, targets, seal, life: { cluster, generation }, ...limits }),
      ledger: new LedgerKeeper({ store, cluster, targets, seal, folder: this.#work }),
      contents: new ContentKeeper({
        storage,
        targets,
        seal,
        onFault: (target, error) => this.#lackContents(target, error),
      }),
      receiver: this.#receive(spool),
    };
  }

  #receive(spool: string): WalReceiver {
    return new WalReceiver({
      source: postgresOf(this.#options.settings, this.#url),
      spool,
      onFault: (fault) => this.#setFault(fault),
      onGap: () => {
        this.#log.error("a part of the log of Postgres is gone before it was received: a base backup follows");
        this.#bases.demand();
      },
    });
  }

  get #isReceiving(): boolean {
    return this.#sending?.receiver.isReceiving === true;
  }

  #lackContents(target: string, error: unknown): void {
    this.#log.warn({ target, err: error }, "the content of uploaded files could not be sent to a target");
  }

  #setFault(fault: string): void {
    if (fault !== this.#fault) this.#log.warn({ fault }, "the log of Postgres is not received");
    this.#fault = fault;
  }
}
