import { CLOSE, ERRORS } from "@hubbub/protocol";
import type { Connections } from "./connections.ts";
import { encodeError } from "./frames.ts";

/** A client has this long behind the end of its token to say hello with a new one. */
const EXPIRY_GRACE_MS = 30_000;

/** Closes who has not said hello in time: one look at the oldest for all of them. */
export function closeStrangers({ strangers }: Connections, helloTimeoutMs: number): void {
  const due = performance.now() - helloTimeoutMs;
  for (const connection of strangers) {
    if (connection.openedAt > due) return;
    connection.close(CLOSE.helloTimeout, "no hello in time");
  }
}

export function closeExpired(connections: Connections): void {
  const due = Date.now() - EXPIRY_GRACE_MS;
  for (const connection of connections) {
    if (connection.identity === null || connection.identity.expiresAt > due) continue;
    connection.send(encodeError(undefined, { code: "bad_token", message: ERRORS.bad_token.means }));
    connection.close(CLOSE.badToken, "bad_token");
  }
}
