const BASE_MS = 250;
export const BACKOFF_CAP_MS = 10_000;
const CAP_ATTEMPT = 6;

/**
 * How long to wait before attempt `attempt` (0 is the first), with full jitter: clients that lost the same gateway
 * come back spread over the whole span. `random` in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.floor(random * Math.min(BACKOFF_CAP_MS, BASE_MS * 2 ** Math.min(attempt, CAP_ATTEMPT)));
}
