import type { Head } from "@hubbub/client";
import type { Preferences, PublicUser, RoomEvent, RoomId, RoomState, UserId } from "@hubbub/protocol";

/** Messages that are counted one by one; the server cuts its count there, too. */
export const UNREAD_MAX = 100;

/** A joined room as this user has read it. */
export interface RoomStatus extends Preferences {
  readonly room: RoomId;
  /** The newest seq that was told. */
  readonly head: number;
  /** Everything up to here was read. */
  readonly read: number;
  /** Messages of others above the mark: at least so many. */
  readonly unread: number;
  readonly mentions: number;
  /** The newest mention that is counted. A further news of the same one counts nothing. */
  readonly mentionedAt: number;
  /** The counts are those of the server. */
  readonly isExact: boolean;
  readonly last: RoomState["last"];
}

export function statusOf(state: RoomState): RoomStatus {
  const { room, head, read, unread, mentions, level, starred, last } = state;
  return { room, head, read, unread, mentions, mentionedAt: head, level, starred, last, isExact: true };
}

/** A head says that there is a newer message, and not how many there are. */
export function withHead(status: RoomStatus, head: Head, me: UserId): RoomStatus {
  if (head.seq <= status.head) return status;
  const { seq, at, by, preview, mentions } = head;
  const isMessage = at !== undefined && by !== undefined && preview !== undefined;
  const next = { ...status, head: seq, isExact: false };
  if (!isMessage) return next;
  const last = { ...next, last: { seq, at, by, text: preview } };
  if (by.id === me) return last;
  return withMention(withUnread(last, seq), seq, mentions?.room === true || mentions?.here === true);
}

/** An event of a room whose events are heard. */
export function withHeard(status: RoomStatus, event: RoomEvent, me: PublicUser): RoomStatus {
  if (event.seq <= status.head) return status;
  const next = { ...status, head: event.seq };
  const isShown = event.kind === "message" && (event.thread === undefined || event.broadcast === true);
  if (!isShown) return next;
  const { seq, at, by, text, mentions = {} } = event;
  const last = { ...next, last: { seq, at, by, text } };
  if (by.id === me.id) return last;
  return withMention(withUnread(last, seq), seq, isMentioned(mentions, me));
}

export function isMentioned({ names = [], room, here }: RoomMentions, me: PublicUser): boolean {
  return room === true || here === true || names.includes(me.username.toLowerCase());
}

type RoomMentions = NonNullable<Extract<RoomEvent, { kind: "message" }>["mentions"]>;

/** Marks move forwards only. In the middle of what is unread only the server knows how much is left. */
export function withRead(status: RoomStatus, seq: number): RoomStatus {
  if (seq <= status.read) return status;
  const isAll = seq >= status.head;
  if (isAll) return { ...status, read: seq, unread: 0, mentions: 0, isExact: true };
  return { ...status, read: seq, isExact: status.unread === 0 };
}

/** `seq` mentions the user, or all members. */
export function withMention(status: RoomStatus, seq: number, isOne = true): RoomStatus {
  if (!isOne || seq <= status.mentionedAt || seq <= status.read) return status;
  return { ...status, mentions: status.mentions + 1, mentionedAt: seq };
}

function withUnread(status: RoomStatus, seq: number): RoomStatus {
  return seq <= status.read ? status : { ...status, unread: Math.min(UNREAD_MAX, status.unread + 1) };
}
