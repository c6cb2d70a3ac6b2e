import type { BrokerLogger } from "../../broker-logger.ts";
import type { Subscriber } from "../subscriber.ts";

/** Interval between two checks. */
const CHECK_MS = 500;
/** After this time without a message a probe is sent. */
const SILENT_AFTER_MS = 1_500;
/** Without an echo after this time the subscription is dead. With `CHECK_MS` it is found within 5 s. */
const DEAF_AFTER_MS = 2_000;

/**
 * Finds a subscription that is open but receives nothing, for example after a failover. A probe takes the same path as
 * events; without an echo the connection is replaced. A probe that Redis refused says nothing about the subscription.
 */
export function startProbe(subscriber: Subscriber, send: () => Promise<unknown>, log: BrokerLogger): Disposable {
  let sentAt: number | undefined;
  const forget = () => {
    sentAt = undefined;
  };
  const check = () => {
    const now = performance.now();
    if (!subscriber.isOnline || (sentAt !== undefined && subscriber.heardAt >= sentAt)) forget();
    if (!subscriber.isOnline) return;
    if (sentAt === undefined) {
      if (now - subscriber.heardAt < SILENT_AFTER_MS) return;
      sentAt = now;
      send().then(undefined, forget);
    } else if (now - sentAt >= DEAF_AFTER_MS) {
      log.warn({ silentMs: Math.round(now - subscriber.heardAt) }, "redis subscription received nothing, reconnecting");
      subscriber.restart();
    }
  };
  const timer = setInterval(check, CHECK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
