/** A segment of the write-ahead log. Its file is named by 24 hexadecimal digits: timeline, and number in two halves. */
export interface Segment {
  readonly timeline: number;
  readonly number: number;
}

const NAME = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;
const HISTORY = /^[0-9A-F]{8}\.history$/;
const PARTIAL = ".partial";
const TIMELINE_DIGITS = 8;
/** Of the low half of a position. */
const HALF_BYTES = 2 ** 32;

/** null: not the name of a whole segment. */
export function parseSegment(name: string, segmentBytes: number): Segment | null {
  const [, timeline, high, low] = NAME.exec(name) ?? [];
  if (timeline === undefined || high === undefined || low === undefined) return null;
  const number = Number.parseInt(high, 16) * (HALF_BYTES / segmentBytes) + Number.parseInt(low, 16);
  return { timeline: Number.parseInt(timeline, 16), number };
}

/** Of a position as Postgres prints it: 2/1A000028. */
export function bytesOf(position: string): number {
  const [high = "0", low = "0"] = position.split("/");
  return Number.parseInt(high, 16) * HALF_BYTES + Number.parseInt(low, 16);
}

export function segmentOf(position: string, segmentBytes: number): number {
  return Math.floor(bytesOf(position) / segmentBytes);
}

export const isHistory = (name: string): boolean => HISTORY.test(name);
/** The segment that is being written: the whole one, once it is there, has more. */
export const isPartial = (name: string): boolean => name.endsWith(PARTIAL) && NAME.test(withoutPartial(name));
export const withoutPartial = (name: string): string => name.slice(0, -PARTIAL.length);

/** What a restore takes of the names that a target has. */
export interface WalPlan {
  /** To fetch, oldest first. */
  readonly names: readonly string[];
  /** Numbers of segments that are missing between others. */
  readonly holes: readonly number[];
}

/** Everything from `first` on, and the last segment though it is partial. */
export function planWal(names: readonly string[], first: number, segmentBytes: number): WalPlan {
  const whole = new Set(names.filter((name) => parseSegment(name, segmentBytes) !== null));
  const taken = names.filter((name) => whole.has(name) || (isPartial(name) && !whole.has(withoutPartial(name))));
  const numberOf = (name: string) =>
    parseSegment(isPartial(name) ? withoutPartial(name) : name, segmentBytes)?.number ?? -1;
  const wanted = taken.filter((name) => numberOf(name) >= first).sort();
  const there = new Set(wanted.map(numberOf));
  const last = Math.max(first - 1, ...there);
  const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const holes = wanted.length === 0 ? [first] : all.filter((number) => !there.has(number));
  return { names: [...names.filter(isHistory).sort(), ...wanted], holes };
}

/** The last whole segment of the newest timeline, of the names of a plan. null: that timeline has none. */
export function lastWhole(names: readonly string[]): string | null {
  const timeline = names.at(-1)?.slice(0, TIMELINE_DIGITS) ?? "";
  return names.findLast((name) => NAME.test(name) && name.startsWith(timeline)) ?? null;
}
