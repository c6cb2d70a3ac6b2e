import { check, type Finding } from "./finding.ts";

const DIFFERENCE_MAX_MS = 250;

export interface ClockReading {
  readonly clockMs: number;
  readonly askedAtMs: number;
  readonly roundTripMs: number;
}

/** Times of messages are from Redis, times of accounts from Postgres, and ages of tokens are compared with them. */
export function clockFinding(name: string, { clockMs, askedAtMs, roundTripMs }: ClockReading): Finding {
  const difference = clockMs - askedAtMs;
  // What the way there and back can explain is no difference.
  const certain = Math.max(0, Math.abs(difference) - roundTripMs / 2);
  return check(certain <= DIFFERENCE_MAX_MS, "fault", {
    name,
    is: `${Math.round(Math.abs(difference))} ms ${difference < 0 ? "behind" : "before"} this machine (± ${Math.ceil(roundTripMs / 2)} ms)`,
    shouldBe: `within ${DIFFERENCE_MAX_MS} ms`,
    todo: "run chrony or systemd-timesyncd on every machine",
  });
}
