import type { PublicUser, UserId } from "@hubbub/protocol";
import { type Item, isInRoom, type Message, shownItems, type Timeline } from "./timeline.ts";

/** Messages of one author within this belong together: only the first has a name and a picture. */
const GROUP_MS = 5 * 60_000;

/** What stands in a room, from above to below. `day`: as `dayOf` answers it. */
export type Row =
  | { readonly kind: "day"; readonly key: string; readonly day: string }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "item"; readonly key: string; readonly item: Item; readonly startsGroup: boolean };

export interface RowsContext {
  readonly me: UserId;
  /** Up to where the user had read when the room was opened; undefined: not known. */
  readonly readUpTo: number | undefined;
  /** The day of a time, for example `localDay`. */
  dayOf(at: number): string;
}

export function rowsOf(timeline: Timeline, context: RowsContext): Row[] {
  const rows: Row[] = [];
  const unread = firstUnread(timeline, context);
  let previous: Item | undefined;
  for (const item of shownItems(timeline).filter(isInRoom)) {
    const day = context.dayOf(item.at);
    const isNewDay = previous === undefined || context.dayOf(previous.at) !== day;
    const isUnread = item.seq === unread;
    // A clock may go back: the same day may come a second time.
    if (isNewDay) rows.push({ kind: "day", key: `day ${day} ${item.seq}`, day });
    if (isUnread) rows.push({ kind: "unread", key: "unread" });
    const startsGroup = isNewDay || isUnread || !continues(previous, item);
    rows.push({ kind: "item", key: `${item.kind} ${item.seq}`, item, startsGroup });
    previous = item;
  }
  return rows;
}

/** The first message of others that was not read. undefined: there is none, or it is not loaded. */
export function firstUnread({ items, oldest }: Timeline, context: Omit<RowsContext, "dayOf">): number | undefined {
  const { me, readUpTo } = context;
  if (readUpTo === undefined || oldest > readUpTo + 1) return undefined;
  const isUnread = (item: Item): boolean =>
    item.kind === "message" && item.seq > readUpTo && item.event.by.id !== me && !item.state.isDeleted;
  return items.find((item) => isInRoom(item) && isUnread(item))?.seq;
}

function continues(previous: Item | undefined, item: Item): boolean {
  return item.kind === "message" && !pointsElsewhere(item) && isOfGroup(previous, item);
}

interface Sent {
  readonly at: number;
  readonly event: { readonly by: PublicUser };
}

/** Whether it may stand under the name of the one before it. A person may have another name by then. */
export function isOfGroup(previous: Item | undefined, { at, event: { by } }: Sent): boolean {
  if (previous?.kind !== "message" || at - previous.at > GROUP_MS) return false;
  return by.id === previous.event.by.id && by.username === previous.event.by.username;
}

/** Whether a message that somebody sends now stands under the name of the one before it. */
export function continuesNow(previous: Item | undefined, by: PublicUser, now = Date.now()): boolean {
  return isOfGroup(previous, { at: now, event: { by } });
}

/** It is shown with what it answers. */
function pointsElsewhere({ event }: Message): boolean {
  return event.replyTo !== undefined || event.thread !== undefined;
}

/** `2026-01-31` where the user is. */
export function localDay(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The name of a day of `localDay`. `now`: Unix ms. */
export function nameOfDay(day: string, now: number, locale?: string): string {
  const noon = new Date(`${day}T12:00`);
  const today = new Date(`${localDay(now)}T12:00`);
  const daysAgo = Math.round((today.getTime() - noon.getTime()) / 86_400_000);
  if (daysAgo === 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  const isThisYear = noon.getFullYear() === today.getFullYear();
  const year = isThisYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", ...year }).format(noon);
}
