import type { Head, PersonalFrame } from "@hubbub/client";
import type { PublicUser, Room, RoomEvent } from "@hubbub/protocol";
import type { Incoming } from "./notify-rules.ts";
import { isMentioned } from "./room-status.ts";

/** A message that may be shown, from any of the ways in which it is told. undefined: it is no message. */

export function incomingOfEvent(room: Incoming["room"], event: RoomEvent, me: PublicUser): Incoming | undefined {
  if (event.kind !== "message") return undefined;
  const { seq, by, text, mentions = {}, files = [], thread, broadcast } = event;
  const isAside = thread !== undefined && broadcast !== true;
  return { room, seq, by, text, hasFiles: files.length > 0, isMention: isMentioned(mentions, me), isAside };
}

/** A head does not say whether its message is in a thread only. */
export function incomingOfHead(room: Incoming["room"], head: Head, me: PublicUser): Incoming | undefined {
  const { seq, by, preview, mentions = {} } = head;
  if (by === undefined || preview === undefined) return undefined;
  const isMention = isMentioned(mentions, me);
  return { room, seq, by, text: preview, hasFiles: preview === "", isMention, isAside: false };
}

export function incomingOfNews(
  room: Pick<Room, "id" | "name" | "visibility">,
  news: Extract<PersonalFrame, { kind: "notification" }>,
): Incoming {
  const { seq, by, preview } = news;
  return { room, seq, by, text: preview, hasFiles: preview === "", isMention: true, isAside: false };
}
