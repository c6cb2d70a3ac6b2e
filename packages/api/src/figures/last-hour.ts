import type { RoomId } from "@hubbub/protocol";
import type { MinutesView, RoomView } from "@hubbub/protocol/http-figures";
import type { MinuteStats } from "@hubbub/store";

const MINUTE_MS = 60_000;
const SHOWN_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The last 60 minutes that have ended, and the same a day before. */
function ranges(now: number) {
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const range = (end: number) => ({ from: new Date(end - SHOWN_MS), to: new Date(end) });
  return { today: range(to), yesterday: range(to - DAY_MS) };
}

const atOf = <Row extends { readonly at: Date }>(rows: readonly Row[]) =>
  rows.map((row) => ({ ...row, at: row.at.getTime() }));

export async function lastHour(stats: MinuteStats, node: string | undefined, now: number): Promise<MinutesView> {
  const { today, yesterday } = ranges(now);
  const [ofToday, ofYesterday] = await Promise.all([stats.minutes(today, node), stats.minutes(yesterday, node)]);
  return { today: atOf(ofToday), yesterday: atOf(ofYesterday) };
}

export async function lastHourOfRoom(
  stats: MinuteStats,
  room: RoomId,
  now: number,
): Promise<Pick<RoomView, "today" | "yesterday">> {
  const { today, yesterday } = ranges(now);
  const [ofToday, ofYesterday] = await Promise.all([stats.ofRoom(room, today), stats.ofRoom(room, yesterday)]);
  return { today: atOf(ofToday), yesterday: atOf(ofYesterday) };
}
