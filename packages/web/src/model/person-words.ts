import type { Person } from "@hubbub/client";
import { presenceOf } from "./people.ts";

const MINUTE_MS = 60_000;
/** The server rounds down to ten minutes. */
const FEW_MINUTES = 20;
const PRESENCE = { here: "here", away: "away", gone: "not here" } as const;

/** Whether somebody is here, or when they were. */
export function presenceWords(person: Person | undefined, now = Date.now()): string {
  const presence = PRESENCE[presenceOf(person)];
  if (person?.online !== false || person.lastSeen === undefined) return presence;
  return `${presence}, last seen ${agoOf(now - person.lastSeen)}`;
}

function agoOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE_MS));
  const hours = Math.round(minutes / 60);
  if (minutes < FEW_MINUTES) return "a few minutes ago";
  if (minutes < 60) return `${minutes} minutes ago`;
  if (hours < 48) return hours === 1 ? "an hour ago" : `${hours} hours ago`;
  return `${Math.round(hours / 24)} days ago`;
}

/** What the clock shows where somebody is; "": this browser does not know the time zone. */
export function clockIn(timeZone: string, now = Date.now()): string {
  try {
    return new Intl.DateTimeFormat(undefined, {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    }).format(now);
  } catch {
    return "";
  }
}

/** The time zones that this browser knows. */
export function timeZones(): readonly string[] {
  return Intl.supportedValuesOf("timeZone");
}
