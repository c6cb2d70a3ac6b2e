import { ProtocolError } from "@hubbub/protocol";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

const OVERLOADED_RETRY_MS = 1_000;

export function overloaded(): ProtocolError {
  return new ProtocolError("overloaded", undefined, { retryAfterMs: OVERLOADED_RETRY_MS });
}

/** Maps an error of the broker to the error that the client gets. */
export function toRefusal(error: unknown): unknown {
  return error instanceof BrokerUnavailable ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
