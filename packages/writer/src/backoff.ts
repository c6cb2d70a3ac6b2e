const FIRST_MS = 100;
const MAX_MS = 2_000;

/** How long to wait before try number `attempt` (from 0): doubling, with the upper half left to chance. */
export function backoffMs(attempt: number, chance: number = Math.random()): number {
  const full = Math.min(MAX_MS, FIRST_MS * 2 ** attempt);
  return full / 2 + (chance * full) / 2;
}
