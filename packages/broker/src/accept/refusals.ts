import { ProtocolError } from "@hubbub/protocol";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";

export function overloaded(): ProtocolError {
  return new ProtocolError("overloaded");
}

/** Maps an error of the broker to the error that the client gets. */
export function toRefusal(error: unknown): unknown {
  return error instanceof BrokerUnavailable ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
