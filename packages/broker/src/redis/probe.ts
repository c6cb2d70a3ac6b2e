import type { BrokerLogger } from "./link.ts";
import type { Subscriber } from "./subscriber.ts";

const LOOK_MS = 500;
/** A subscriber that heard nothing for so long speaks to itself. */
const SILENT_AFTER_MS = 1_500;
/** … and is deaf when it has not heard that either. With the looks between: found within 5 s. */
const DEAF_AFTER_MS = 2_000;

/**
 * Finds a subscription that is open and dead, as a failover can leave one: a probe goes the way that events go, and a
 * missing echo makes the connection anew. A probe that Redis refused says nothing about the subscriber.
 */
export function startProbe(subscriber: Subscriber, send: () => Promise<unknown>, log: BrokerLogger): Disposable {
  let sentAt: number | undefined;
  const forget = () => {
    sentAt = undefined;
  };
  const look = () => {
    const now = performance.now();
    if (!subscriber.isOnline || (sentAt !== undefined && subscriber.heardAt >= sentAt)) forget();
    if (!subscriber.isOnline) return;
    if (sentAt === undefined) {
      if (now - subscriber.heardAt < SILENT_AFTER_MS) return;
      sentAt = now;
      send().then(undefined, forget);
    } else if (now - sentAt >= DEAF_AFTER_MS) {
      log.warn({ silentMs: Math.round(now - subscriber.heardAt) }, "redis subscription was deaf");
      subscriber.restart();
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
