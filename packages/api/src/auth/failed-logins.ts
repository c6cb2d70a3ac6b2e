import type { UserId } from "@hubbub/protocol";
import type { Logger } from "@hubbub/runtime";
import { type Audit, isUnavailable } from "@hubbub/store";

const WINDOW_MS = 600_000;
const WRITE_PAUSE_MS = 1_000;
/** Pairs of account and address that are counted apart in one window. Further ones are counted together. */
const PAIRS_MAX = 1_000;
const FURTHER = "further";

interface Failures {
  readonly user: UserId | undefined;
  readonly address: string | undefined;
  readonly openedAt: number;
  unwritten: number;
  isWritten: boolean;
}

/**
 * Puts failed logins into the audit. Of an account and an address there are at most two entries in ten minutes: one soon after the first
 * failure, one with the number of all others when the window ends. So a flood of guesses costs at most 2,002 entries of a process in a window.
 * Failures that could not be written stay counted for the next try.
 */
export class FailedLogins {
  readonly #audit: Pick<Audit, "write">;
  readonly #log: Logger;
  readonly #windows = new Map<string, Failures>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | null = null;

  constructor(audit: Pick<Audit, "write">, log: Logger) {
    this.#audit = audit;
    this.#log = log;
    this.#timer = setInterval(() => void this.#write(false), WRITE_PAUSE_MS).unref();
  }

  /** `user`: the account that somebody tried to use; undefined: there is no such account. */
  note(user: UserId | undefined, address: string): void {
    const pair = `${user} ${address}`;
    const isKnown = this.#windows.has(pair) || this.#windows.size < PAIRS_MAX;
    const key = isKnown ? pair : FURTHER;
    const fresh = { openedAt: performance.now(), unwritten: 0, isWritten: false };
    const who = isKnown ? { user, address } : { user: undefined, address: undefined };
    const window = this.#windows.get(key) ?? { ...who, ...fresh };
    window.unwritten += 1;
    this.#windows.set(key, window);
  }

  /** Writes what is counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#write(true);
    const lost = [...this.#windows.values()].reduce((sum, { unwritten }) => sum + unwritten, 0);
    if (lost > 0) this.#log.warn({ failedLogins: lost }, "failed logins could not be written to the audit");
  }

  #write(isLast: boolean): Promise<void> {
    this.#writing ??= this.#writeDue(isLast)
      .catch((error: unknown) => {
        if (!isUnavailable(error)) this.#log.error({ err: error }, "failed logins could not be written to the audit");
      })
      .finally(() => {
        this.#writing = null;
      });
    return this.#writing;
  }

  async #writeDue(isLast: boolean): Promise<void> {
    for (const [key, window] of this.#windows) {
      const isOver = isLast || performance.now() - window.openedAt >= WINDOW_MS;
      if (window.unwritten > 0 && (isOver || !window.isWritten)) await this.#writeOne(window);
      if (isOver && window.unwritten === 0) this.#windows.delete(key);
    }
  }

  async #writeOne(window: Failures): Promise<void> {
    const { user: subject, address, unwritten: failures } = window;
    const act = { by: "unknown", act: "login_failed", outcome: "refused", subject, address } as const;
    await this.#audit.write({ ...act, details: { failures } });
    window.unwritten -= failures;
    window.isWritten = true;
  }
}
