import type { ClusterNode, Figures, MinuteFigures } from "@hubbub/protocol/http-figures";

const MINUTE_MS = 60_000;
const SHOWN_MINUTES = 60;
const DAY_MS = 86_400_000;
/** What a process tells once a second is overdue by now. */
export const SILENT_MS = 5_000;

/** One point of a line: its place from 0 (an hour ago) to 1 (now). */
export interface Point {
  readonly x: number;
  readonly value: number;
  readonly at: number;
}

interface Minute {
  readonly at: number;
}

/** A line of the last hour before `now`. `ageMs`: how long ago the whole line is, for that of yesterday. */
export function lineOf<Row extends Minute>(
  minutes: readonly Row[],
  now: number,
  pick: (row: Row) => number | undefined,
  ageMs = 0,
): Point[] {
  const from = now - SHOWN_MINUTES * MINUTE_MS;
  return minutes.flatMap((row) => {
    const value = pick(row);
    // The middle of its minute.
    const x = (row.at + ageMs + MINUTE_MS / 2 - from) / (SHOWN_MINUTES * MINUTE_MS);
    return value === undefined || x < 0 || x > 1 ? [] : [{ x, value, at: row.at }];
  });
}

export function linesOf<Row extends Minute>(
  { today, yesterday }: { readonly today: readonly Row[]; readonly yesterday: readonly Row[] },
  now: number,
  pick: (row: Row) => number | undefined,
): { today: Point[]; yesterday: Point[] } {
  return { today: lineOf(today, now, pick), yesterday: lineOf(yesterday, now, pick, DAY_MS) };
}

/** The `d` of a path in a box of 100 by 100, with a gap where minutes are missing. */
export function pathOf(points: readonly Point[], top: number): string {
  return points
    .map(({ x, value, at }, index) => {
      const before = points[index - 1];
      const isJoined = before !== undefined && at - before.at < 2 * MINUTE_MS;
      return `${isJoined ? "L" : "M"}${(x * 100).toFixed(2)} ${(100 - (value / top) * 100).toFixed(2)}`;
    })
    .join("");
}

/** A round number that no value exceeds. */
export function topOf(values: readonly number[]): number {
  const highest = Math.max(0, ...values);
  if (highest === 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(highest));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * unit >= highest) ?? 10) * unit;
}

/** The point that is nearest to a place of the line; undefined: it has none within two minutes. */
export function nearest(points: readonly Point[], x: number): Point | undefined {
  const distance = (point: Point): number => Math.abs(point.x - x);
  const [best] = points.toSorted((one, other) => distance(one) - distance(other));
  return best !== undefined && distance(best) <= 2 / SHOWN_MINUTES ? best : undefined;
}

export const isSilent = ({ seenAt }: ClusterNode, at: number): boolean => at - seenAt > SILENT_MS;

const SUMMED = [
  "connections",
  "rooms",
  "accepted",
  "delivered",
  "stored",
  "refused",
  "cpu",
  "memory",
  "unstored",
  "lag",
] as const;

/** Of the processes that tell something: sums, and of the loop and of the times of acks the highest. */
export function totalOf(all: readonly Figures[]): Figures {
  const sums = Object.fromEntries(SUMMED.map((name) => [name, all.reduce((sum, one) => sum + one[name], 0)]));
  const highest = (pick: (one: Figures) => number | undefined): number | undefined => {
    const values = all.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  return {
    ...(sums as Omit<Figures, "loop">),
    loop: highest(({ loop }) => loop) ?? 0,
    acceptP50: highest(({ acceptP50 }) => acceptP50),
    acceptP99: highest(({ acceptP99 }) => acceptP99),
  };
}

/** The state of this moment as the newest minute, so that a line ends at now. */
export function withNow(minutes: readonly MinuteFigures[], now: Figures | undefined, at: number): MinuteFigures[] {
  return now === undefined ? [...minutes] : [...minutes, { ...now, at: at - MINUTE_MS / 2 }];
}
