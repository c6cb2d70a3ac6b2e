import { join } from "node:path";
import { type BackupResult, type BackupSource, backUp, listBackups } from "@hubbub/backup";
import type { Logger } from "@hubbub/runtime";
import { buildVersion } from "../announce.ts";
import type { Settings } from "../settings.ts";
import { targetsOf } from "./settings.ts";

const MINUTE_MS = 60_000;
const LOOK_MS = 5_000;
/** Behind one that no target took. */
const RETRY_MS = 10 * MINUTE_MS;

/** Backups of a process that serves: when they are due, and when an operator asks. One at a time. */
export class ScheduledBackups {
  readonly #source: BackupSource;
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout | undefined;
  #running: Promise<BackupResult> | undefined;
  /** Unix ms; undefined: the targets were not asked yet. */
  #nextAt: number | undefined;
  /** One that begins from now on is needed, whatever is in progress. */
  #isDemanded = false;
  /** Unix ms; a backup that failed is not repeated before. */
  #retryAt = 0;
  /** Labels of the targets that did not take a demanded backup. */
  readonly #owed = new Set<string>();
  readonly #mayTake: () => boolean;

  /** `mayTake`: whether it is this process that takes them, asked each time. */
  constructor(source: BackupSource, settings: Settings, log: Logger, mayTake: () => boolean = () => true) {
    this.#mayTake = mayTake;
    this.#source = source;
    this.#settings = settings;
    this.#log = log;
    const isScheduled = settings.BACKUP_TARGETS.length > 0 && settings.BACKUP_EVERY_MINUTES > 0;
    this.#timer = isScheduled ? setInterval(() => void this.#look(), LOOK_MS).unref() : undefined;
  }

  /** A call during a running backup answers the result of that one. @throws what keeps it from being taken */
  now(): Promise<BackupResult> {
    this.#running ??= this.#take().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Takes one soon, behind the one in progress, and then as often as it is set. */
  demand(): void {
    this.#isDemanded = true;
  }

  /** A target needs a backup that it did not take. */
  get owed(): ReadonlySet<string> {
    return this.#owed;
  }

  /** Resolves when the backup in progress has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  async #look(): Promise<void> {
    if (this.#running !== undefined || !this.#mayTake()) return;
    try {
      this.#nextAt ??= (await this.#newest()) + this.#everyMs;
      if (Date.now() >= (this.#isDemanded ? this.#retryAt : this.#nextAt)) await this.now();
    } catch (error) {
      this.#retryLater();
      this.#log.error({ err: error }, "a backup failed");
    }
  }

  async #take(): Promise<BackupResult> {
    const { BACKUP_RECIPIENTS: recipients, DATA_DIR } = this.#settings;
    const spool = join(DATA_DIR, "backup-spool");
    const targets = targetsOf(this.#settings);
    const isDemanded = this.#isDemanded;
    this.#isDemanded = false;
    const result = await backUp(this.#source, {
      targets,
      recipients,
      build: buildVersion(),
      spool,
      mayRemove: this.#mayTake,
    });
    const { catalogue, deliveries } = result;
    const failed = deliveries.filter(({ fault }) => fault !== null);
    for (const { target, fault } of failed) this.#log.error({ target, fault }, "a target has not taken the backup");
    for (const { target, kept } of deliveries)
      if (kept !== null) this.#log.warn({ target, kept }, "old backups could not be removed");
    if (failed.length < deliveries.length) this.#log.info({ id: catalogue.id, deliveries }, "a backup is done");
    for (const { target, fault } of deliveries) {
      if (fault === null) this.#owed.delete(target);
      else if (isDemanded) this.#owed.add(target);
    }
    if (failed.length === deliveries.length) this.#retryLater();
    else this.#nextAt = Date.now() + this.#everyMs;
    return result;
  }

  #retryLater(): void {
    this.#retryAt = Date.now() + RETRY_MS;
    this.#nextAt = this.#retryAt;
  }

  /** When the newest backup of any target that answers was taken; 0: there is none. */
  async #newest(): Promise<number> {
    const times = await Promise.all(
      targetsOf(this.#settings).map(async (target) => {
        try {
          await using objects = await target.open();
          const { backups } = await listBackups(objects);
          return Date.parse(backups.at(-1)?.catalogue.takenAt ?? "");
        } catch {
          return Number.NaN;
        }
      }),
    );
    return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
  }

  get #everyMs(): number {
    return this.#settings.BACKUP_EVERY_MINUTES * MINUTE_MS;
  }
}
