import { CLOSE, ERRORS } from "@hubbub/protocol";
import type { Connections } from "./connections.ts";
import { encodeError } from "./frames.ts";

/** Closes who has not said hello in time: one look at the oldest for all of them. */
export function closeStrangers({ strangers }: Connections, helloTimeoutMs: number): void {
  const due = performance.now() - helloTimeoutMs;
  for (const connection of strangers) {
    if (connection.openedAt > due) return;
    connection.close(CLOSE.helloTimeout, "no hello in time");
  }
}

/** Closes whose token has ended and was not renewed. */
export function closeExpired(connections: Connections, graceMs: number): void {
  const due = (Date.now() - graceMs) / 1_000;
  for (const connection of connections) {
    if (connection.identity === null || connection.identity.expiresAt > due) continue;
    connection.send(encodeError(undefined, { code: "bad_token", message: ERRORS.bad_token.means }));
    connection.close(CLOSE.badToken, "bad_token");
  }
}
