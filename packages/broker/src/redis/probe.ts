import type { BrokerLog } from "./link.ts";
import type { Subscriber } from "./subscriber.ts";

const LOOK_MS = 500;
/** A subscriber that heard nothing for so long speaks to itself. */
const SILENT_AFTER_MS = 1_500;
/** … and is deaf when it has not heard that either. With the looks between: found within 5 s. */
const DEAF_AFTER_MS = 2_000;

/**
 * Finds a subscription that is open and dead, as a failover can leave one: a probe goes the way that events go, and a
 * missing echo makes the connection anew. A probe that could not be sent says nothing about the subscriber.
 */
export function startProbe(subscriber: Subscriber, send: () => Promise<unknown>, log: BrokerLog): Disposable {
  let sentAt: number | undefined;
  let isSending = false;
  const look = () => {
    const now = performance.now();
    if (sentAt !== undefined && subscriber.heardAt >= sentAt) sentAt = undefined;
    if (!subscriber.isOnline) {
      sentAt = undefined;
    } else if (sentAt !== undefined) {
      if (now - sentAt < DEAF_AFTER_MS) return;
      log.warn({ silentMs: Math.round(now - subscriber.heardAt) }, "redis subscription was deaf");
      subscriber.restart();
    } else if (!isSending && now - subscriber.heardAt >= SILENT_AFTER_MS) {
      isSending = true;
      send().then(
        () => {
          isSending = false;
          sentAt = now;
        },
        (error) => {
          isSending = false;
          log.warn({ err: error }, "redis subscription not probed");
        },
      );
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
