import { CLOSE, ERRORS } from "@hubbub/protocol";
import { encodeError } from "./error-frames.ts";
import type { ConnectionRegistry } from "./registry.ts";

/** Closes connections that did not authenticate in time, which includes time in the queue. Checks the oldest first. */
export function closeUnauthenticated({ unauthenticated }: ConnectionRegistry, helloTimeoutMs: number): void {
  const due = performance.now() - helloTimeoutMs;
  for (const connection of unauthenticated) {
    if (connection.openedAt > due) return;
    connection.close(CLOSE.helloTimeout, "no hello in time");
  }
}

/** Closes connections whose access token expired and was not renewed. */
export function closeExpired(connections: ConnectionRegistry, graceMs: number): void {
  const due = (Date.now() - graceMs) / 1_000;
  for (const connection of connections) {
    if (connection.identity === null || connection.identity.expiresAt > due) continue;
    connection.send(encodeError(undefined, { code: "bad_token", message: ERRORS.bad_token.means }));
    connection.close(CLOSE.badToken, "bad_token");
  }
}
