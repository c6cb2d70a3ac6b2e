import { type FileInfo, type MessageState, type PublicUser, type RoomEvent, UNCHANGED } from "@hubbub/protocol";
import type { HubbubError } from "../hubbub-error.ts";
import type { MessageOptions } from "../message-options.ts";
import type { Message } from "../messages.ts";
import type { Position } from "../room-cursor.ts";
import type { Gap } from "../room-listener.ts";

/** `sending`: not acked yet. `accepted`: numbered, and in the log. `stored`: committed. `refused`: see `error`. */
export type Delivery = "sending" | "accepted" | "stored" | "refused";

/** A message as it is to be shown, from the moment in which it is sent. */
export interface TimelineMessage extends MessageOptions {
  readonly kind: "message";
  /** The same while the message is sent and later: a key for lists. */
  readonly key: string;
  readonly id: string;
  /** Its place; undefined: not numbered yet. */
  readonly seq: number | undefined;
  /** Unix milliseconds: by the server's clock, of an own one that is not numbered by this machine's. */
  readonly at: number;
  /** undefined: an own one that is not numbered yet. */
  readonly by: PublicUser | undefined;
  readonly isOwn: boolean;
  /** The present text; "" where it was deleted. */
  readonly text: string;
  readonly attachments: readonly FileInfo[];
  /** Edits, reactions, replies, pin, deletion. */
  readonly state: MessageState;
  readonly delivery: Delivery;
  /** Why it was refused. */
  readonly error?: HubbubError | undefined;
}

/** Something that is no message and changes none: somebody joined or left, the room was changed. */
export interface TimelineNote {
  readonly kind: "note";
  readonly key: string;
  readonly seq: number;
  readonly at: number;
  readonly event: RoomEvent;
}

/** Events that are not here. `Timeline.loadGap` asks for them. */
export interface TimelineGap extends Gap {
  readonly kind: "gap";
  readonly key: string;
}

export type TimelineItem = TimelineMessage | TimelineNote | TimelineGap;

/** A message of this client whose event has not come yet. */
export interface Outgoing extends MessageOptions {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly delivery: "sending" | "accepted" | "refused";
  /** Of an accepted one. */
  readonly seq?: number | undefined;
  readonly error?: HubbubError | undefined;
}

export function itemOfOutgoing(outgoing: Outgoing): TimelineMessage {
  const { id, text, at, delivery, seq, error, replyTo, thread, broadcast, files } = outgoing;
  const options = { replyTo, thread, broadcast, files };
  const fixed = { kind: "message", by: undefined, isOwn: true, attachments: [], state: UNCHANGED } as const;
  return { ...fixed, ...options, key: id, id, seq, at, text, delivery, error };
}

export function itemOfMessage(
  { event, state }: Message,
  delivery: "accepted" | "stored",
  me: string | undefined,
): TimelineMessage {
  const { id, seq, at, by, replyTo, thread, broadcast, files = [] } = event;
  const isOwn = by.id === me;
  const text = state.isDeleted ? "" : (state.text ?? event.text);
  const options = { replyTo, thread, broadcast, files: files.map((file) => file.id as string) };
  const key = isOwn ? id : `${by.id} ${id}`;
  return { kind: "message", ...options, key, id, seq, at, by, isOwn, text, attachments: files, state, delivery };
}

export function itemOfNote(event: RoomEvent): TimelineNote {
  const { seq, at } = event;
  return { kind: "note", key: `note ${seq}`, seq, at, event };
}

export function itemOfGap(gap: Gap): TimelineGap {
  return { kind: "gap", key: `gap ${gap.from}`, ...gap };
}

/** Replies in threads are shown in the room only where their author wants it; changes of messages are shown with them. */
export function isShown(event: RoomEvent): boolean {
  if (event.kind === "message") return event.thread === undefined || event.broadcast === true;
  return event.kind !== "edit" && event.kind !== "delete" && event.kind !== "react";
}

/** `epoch`: the one that the room is in. What is left of earlier ones is stored, because the rest was offered again. */
export function isStored({ seq, epoch }: Position, mark: Position | undefined, now: number | undefined): boolean {
  if (mark !== undefined && mark.epoch === epoch) return seq <= mark.seq;
  return now !== undefined && now !== epoch;
}
