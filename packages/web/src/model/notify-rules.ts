import type { Room, UserId } from "@hubbub/protocol";
import type { NotifySettings } from "./notify-settings.ts";
import type { RoomStatus } from "./room-status.ts";

/** UTF-16 units of a title and a text that are shown. */
const TITLE_MAX = 80;
const BODY_MAX = 160;
/** Line breaks, other control characters, and marks that change the direction of what follows. */
const NOT_PLAIN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A message that might be shown. `hasFiles`: it may have no text. */
export interface Incoming {
  readonly room: Pick<Room, "id" | "name" | "visibility">;
  readonly seq: number;
  readonly by: { readonly id: UserId; readonly username: string };
  readonly text: string;
  readonly hasFiles: boolean;
  /** By name, or all members. */
  readonly isMention: boolean;
  /** A reply that is in its thread only. */
  readonly isAside: boolean;
}

export interface NotifyContext {
  readonly me: UserId;
  readonly settings: NotifySettings;
  readonly isQuiet: boolean;
  /** The page is visible and this room is open in it. */
  isLookedAt(room: Room["id"]): boolean;
  /** undefined: the room is none of the user's. */
  status(room: Room["id"]): Pick<RoomStatus, "level" | "read"> | undefined;
}

export function isToBeShown(message: Incoming, context: NotifyContext): boolean {
  const { room, seq, by } = message;
  const status = context.status(room.id);
  if (status === undefined || by.id === context.me || seq <= status.read) return false;
  if (context.isQuiet || context.isLookedAt(room.id)) return false;
  return passes(status.level, message, false) && passes(context.settings.level, message, room.visibility === "direct");
}

/** `isMeant`: it is meant for the user without saying so. */
function passes(level: NotifySettings["level"], { isMention, isAside }: Incoming, isMeant: boolean): boolean {
  if (level === "nothing") return false;
  return isMention || (!isAside && (level === "all" || isMeant));
}

export interface NotifyText {
  readonly title: string;
  readonly body: string;
}

/** `count`: messages of the room that are not read and were shown here, with this one. */
export function textOfNotification(message: Incoming, count: number, showsText: boolean): NotifyText {
  const { room, by, text, hasFiles } = message;
  const place = room.visibility === "direct" ? by.username : `${by.username} in ${room.name}`;
  const title = count > 1 ? `${shorten(place, TITLE_MAX)} (${count})` : shorten(place, TITLE_MAX);
  if (!showsText) return { title, body: message.isMention ? "mentions you" : "New message" };
  const line = shorten(text, BODY_MAX);
  return { title, body: line === "" && hasFiles ? "sent a file" : line };
}

/** One plain line. Nothing is cut in the middle of a character. */
function shorten(text: string, max: number): string {
  // A little more than is shown, so that a long text costs no more than a short one.
  const line = text
    .slice(0, 4 * max)
    .replace(NOT_PLAIN, " ")
    .replace(/\s+/gu, " ")
    .trim();
  if (line.length <= max) return line.toWellFormed();
  const cut = line.slice(0, max - 1);
  return `${cut
    .replace(/[\ud800-\udbff]$/u, "")
    .toWellFormed()
    .trimEnd()}…`;
}
