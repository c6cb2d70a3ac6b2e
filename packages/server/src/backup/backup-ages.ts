import { type BackupTimes, backupTimes, type Target } from "@hubbub/backup";
import type { Logger, Metrics } from "@hubbub/runtime";
import type { Settings } from "../settings.ts";
import { targetsOf } from "./settings.ts";

/** A listing reads the catalogue of each backup. */
const LOOK_MS = 300_000;
const SECOND_MS = 1_000;
const MINUTE_SECONDS = 60;
/** Where nothing is scheduled: somebody else takes them each day. */
const UNSCHEDULED_MAX_SECONDS = 2 * 86_400;

export interface BackupAgesOptions {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** As `backupTimes` takes it. */
  cluster(): Promise<string | null>;
}

/** Metrics of what the targets have. A target that does not answer keeps what it was last seen to have, which grows older. */
export class BackupAges implements Disposable {
  readonly #options: BackupAgesOptions;
  readonly #targets: readonly Target[];
  readonly #timer: NodeJS.Timeout;
  /** By label; absent: not seen yet. */
  readonly #seen = new Map<string, BackupTimes>();
  #looking: Promise<void> | undefined;

  constructor(options: BackupAgesOptions) {
    const { metrics, settings } = options;
    this.#options = options;
    this.#targets = targetsOf(settings);
    const limit = settings.BACKUP_EVERY_MINUTES * MINUTE_SECONDS * 2 || UNSCHEDULED_MAX_SECONDS;
    metrics.gauge("backup_age_limit_seconds", "The age at which the newest backup is old", () => limit);
    metrics.gauges("backup_age_seconds", "Age of the newest backup; +Inf: the target has none", "target", () =>
      this.#ages(({ newest }) => newest),
    );
    metrics.gauges(
      "backup_untested_seconds",
      "Time since a backup was last restored and verified, or of the oldest one if none ever was",
      "target",
      () => this.#ages(({ untestedSince }) => untestedSince),
    );
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
    void this.look();
  }

  /** A call during a look in progress waits for that one. */
  async look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  *#ages(of: (times: BackupTimes) => number | null): Generator<readonly [string, number]> {
    for (const [label, times] of this.#seen) {
      const at = of(times);
      yield [label, at === null ? Number.POSITIVE_INFINITY : Math.max(0, Date.now() - at) / SECOND_MS];
    }
  }

  async #lookNow(): Promise<void> {
    await Promise.all(this.#targets.map((target) => this.#lookAt(target)));
  }

  async #lookAt({ label, open }: Target): Promise<void> {
    try {
      await using objects = await open();
      this.#seen.set(label, await backupTimes(objects, await this.#options.cluster()));
    } catch (error) {
      if (!this.#seen.has(label)) this.#seen.set(label, { newest: null, untestedSince: null });
      this.#options.log.warn({ target: label, err: error }, "a target does not tell which backups it has");
    }
  }
}
