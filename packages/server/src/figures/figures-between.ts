import type { Figures } from "@hubbub/protocol/http-figures";
import type { Buckets, Reading } from "./reading.ts";

const SECOND_MS = 1_000;

/** What happened from one reading to a later one. States are those of the later one. */
export function figuresBetween(from: Reading, to: Reading): Figures {
  const elapsedMs = Math.max(1, to.at - from.at);
  const rate = (name: keyof Reading["totals"]) =>
    round(((to.totals[name] - from.totals[name]) * SECOND_MS) / elapsedMs);
  const busyMs = to.busyMs - from.busyMs;
  const loopMs = busyMs + to.idleMs - from.idleMs;
  const acks = difference(from.acks, to.acks);
  const [acceptP50, acceptP99] = [quantile(0.5, acks), quantile(0.99, acks)];
  return {
    ...to.states,
    accepted: rate("accepted"),
    delivered: rate("delivered"),
    stored: rate("stored"),
    refused: rate("refused"),
    cpu: round((to.cpuMs - from.cpuMs) / elapsedMs),
    loop: loopMs > 0 ? round(busyMs / loopMs) : 0,
    ...(acceptP50 === undefined ? {} : { acceptP50 }),
    ...(acceptP99 === undefined ? {} : { acceptP99 }),
  };
}

/** Of times in buckets, as Prometheus computes it; undefined: there is none. */
export function quantile(share: number, buckets: Buckets): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = share * total;
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [upTo = 0, count = 0] = buckets[at] ?? [];
  const [from = 0, before = 0] = buckets[at - 1] ?? [];
  // Nothing is known beyond the last bound.
  if (upTo === Number.POSITIVE_INFINITY) return from;
  return round(from + ((upTo - from) * (rank - before)) / Math.max(1, count - before));
}

function difference(from: Buckets, to: Buckets): Buckets {
  return to.map(([upTo, count], at) => [upTo, count - (from[at]?.[1] ?? 0)] as const);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
