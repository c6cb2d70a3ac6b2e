import { ProtocolError } from "./error-codes.ts";
import type { LimitHit } from "./limit-hit.ts";

/** The least delay of a retry, and twice it the most: a client at its limit gets as much through, with fewer refusals. */
const RETRY_AFTER_MS = 250;

/** The only way to refuse for a rate, so that every such refusal names its limit. `waitMs`: until one more would pass. */
export function rateLimited(
  limit: Omit<LimitHit, "left"> & { readonly left?: number },
  waitMs: number,
  message = `the limit ${limit.name} is reached: ${toText(limit)}`,
): ProtocolError {
  const retryAfterMs = Math.max(waitMs, Math.round(RETRY_AFTER_MS * (1 + Math.random())));
  return new ProtocolError("rate_limited", message, { retryAfterMs, limit: { left: 0, ...limit } });
}

function toText({ count, seconds }: Pick<LimitHit, "count" | "seconds">): string {
  return `${count} ${seconds === undefined ? "at a time" : `in ${seconds} s`}; retry after retryAfterMs`;
}
