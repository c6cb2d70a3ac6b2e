import { ProtocolError } from "./error-codes.ts";
import type { LimitHit } from "./limit-hit.ts";

/** The only way to refuse for a rate, so that every such refusal names its limit. */
export function rateLimited(
  limit: Omit<LimitHit, "left"> & { readonly left?: number },
  retryAfterMs: number,
  message = `the limit ${limit.name} is reached: ${toText(limit)}`,
): ProtocolError {
  return new ProtocolError("rate_limited", message, { retryAfterMs, limit: { left: 0, ...limit } });
}

function toText({ count, seconds }: Pick<LimitHit, "count" | "seconds">): string {
  return `${count} ${seconds === undefined ? "at a time" : `in ${seconds} s`}; retry after retryAfterMs`;
}
