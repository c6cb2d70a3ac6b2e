import { CLOSE, isReconnectable } from "@hubbub/protocol";
import { backoffMs } from "./backoff.ts";
import { HubbubError, type HubbubErrorCode } from "./hubbub-error.ts";
import type { LinkEnd } from "./link.ts";

/** What happened since the client was last well. */
export interface Trouble {
  /** Attempts since then. */
  readonly attempt: number;
  /** Whether the token was already exchanged because of 4500. */
  readonly hasFreshToken: boolean;
}

export type Plan =
  | { readonly action: "retry"; readonly delayMs: number; readonly trouble: Trouble }
  | { readonly action: "stop"; readonly error: HubbubError };

const MEANING: Readonly<Record<number, HubbubErrorCode>> = {
  [CLOSE.badToken]: "bad_token",
  [CLOSE.sessionRevoked]: "session_revoked",
  [CLOSE.protocolViolation]: "bad_frame",
  [CLOSE.removed]: "forbidden",
};

/** What to do after a link ended: the close code's range decides, the server's `afterMs` is obeyed. */
export function planAfter(end: LinkEnd, trouble: Trouble, random: number): Plan {
  if (end.code === CLOSE.badToken && !trouble.hasFreshToken) {
    return { action: "retry", delayMs: 0, trouble: { attempt: trouble.attempt + 1, hasFreshToken: true } };
  }
  if (!isReconnectable(end.code)) {
    return { action: "stop", error: end.error ?? new HubbubError(MEANING[end.code] ?? "closed") };
  }
  const next = { ...trouble, attempt: trouble.attempt + 1 };
  // A gateway that drains spreads its clients itself, with the times it gives them.
  if (end.code === CLOSE.goaway && end.afterMs !== undefined) {
    return { action: "retry", delayMs: end.afterMs, trouble: next };
  }
  return { action: "retry", delayMs: Math.max(backoffMs(trouble.attempt, random), end.afterMs ?? 0), trouble: next };
}
