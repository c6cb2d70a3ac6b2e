import type { BrokerLogger } from "../../broker-logger.ts";
import { BrokerUnavailable } from "../../roles/broker-unavailable.ts";
import { toBrokerError } from "../unavailable.ts";

/** Retry interval while Redis answers but cannot serve (loading, busy). */
const RETRY_MS = 100;

/**
 * Runs `again` after a round of a subscriber failed. A lost connection recovers by itself, and a busy Redis is asked again.
 * After any other error the connection is replaced. The timer does not keep the process alive.
 */
export function retryRound(
  error: unknown,
  subscriber: { restart(): void },
  log: BrokerLogger,
  again: () => void,
): void {
  if (!(toBrokerError(error) instanceof BrokerUnavailable)) {
    log.error({ err: error }, "redis refused a subscription");
    subscriber.restart();
  }
  setTimeout(again, RETRY_MS).unref();
}
