import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";
import { BrokerUnavailable } from "../../roles/broker-unavailable.ts";
import type { Link } from "../link.ts";

/** Retry interval while Redis answers but cannot serve (loading, demoted). */
const RETRY_MS = 50;

/** Calls `ask` until Redis answers. @throws BrokerUnavailable after `timeoutMs` */
export async function callAgain<Answer>(
  link: Link,
  ask: (redis: Redis, run: string) => Promise<Answer>,
  timeoutMs: number,
): Promise<Answer> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = until - performance.now();
    try {
      return await link.call(ask, Math.max(leftMs, 0));
    } catch (error) {
      if (!(error instanceof BrokerUnavailable) || performance.now() + RETRY_MS >= until) throw error;
    }
    await delay(RETRY_MS);
  }
}
