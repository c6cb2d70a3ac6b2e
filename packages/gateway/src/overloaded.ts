import { ProtocolError } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";

/** Clients that are refused retry after one to two times this. */
const RETRY_AFTER_MS = 1_000;

export function overloaded(message: string): ProtocolError {
  return new ProtocolError("overloaded", message, { retryAfterMs: spread(RETRY_AFTER_MS) });
}
