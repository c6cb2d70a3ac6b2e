import type { Logger } from "./logger.ts";

/** Lines a second for each event name, and names remembered: an attack of one kind does not hide the others. */
const LINES_PER_SECOND = 10;
const NAMES_MAX = 64;
const WINDOW_MS = 1_000;

/** What happened to whom and from where. No tokens, passwords, names typed at a login, or texts of messages. */
export interface SecurityEvent {
  /** A short name in snake_case, such as `login` or `hello`. */
  readonly event: string;
  readonly outcome: "success" | "refused" | "error";
  /** The client's address, as `clientAddress` gives it. */
  readonly address?: string | undefined;
  /** Id of the user, when it is known. */
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  /** An error code, or a few words. */
  readonly reason?: string | undefined;
}

export type SecurityLog = (event: SecurityEvent) => void;

interface Window {
  lines: number;
  suppressed: number;
}

/**
 * Writes security events as log lines with `security: true`; refusals as warnings. Each event name has a bound of lines a second;
 * beyond that lines are counted, and the count is written when the second ends.
 */
export function createSecurityLog(log: Logger): SecurityLog {
  const windows = new Map<string, Window>();
  const close = (event: string, window: Window): void => {
    windows.delete(event);
    if (window.suppressed > 0) log.warn({ security: true, event, suppressed: window.suppressed }, "security events");
  };
  const windowOf = (event: string): Window => {
    const name = windows.has(event) || windows.size < NAMES_MAX ? event : "other";
    let window = windows.get(name);
    if (window === undefined) {
      const opened = { lines: 0, suppressed: 0 };
      window = opened;
      windows.set(name, opened);
      setTimeout(() => close(name, opened), WINDOW_MS).unref();
    }
    return window;
  };
  return (happened) => {
    const window = windowOf(happened.event);
    if (window.lines >= LINES_PER_SECOND) {
      window.suppressed += 1;
      return;
    }
    window.lines += 1;
    const level = happened.outcome === "success" ? "info" : "warn";
    log[level]({ security: true, ...happened }, "security event");
  };
}
