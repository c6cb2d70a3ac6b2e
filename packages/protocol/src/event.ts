import { z } from "zod";
import { WAS_MAX } from "./limits.ts";
import { roomSettings } from "./room-settings.ts";
import { epoch, eventId, fileInfo, publicUser, roomId, seq, taskId, time, userId } from "./schemas.ts";

/** What every event has. The order of the fields on the wire is fixed: see event-head.ts. */
const head = {
  type: z.literal("event"),
  room: roomId,
  epoch,
  seq,
  at: time,
  by: publicUser,
  /** The seqs that it had before, each lost with its epoch. Events that name one of them as their target mean this event. */
  was: z.array(seq).max(WAS_MAX).optional(),
};

/** What a text mentions, as `parseMentions` reads it; `room` and `here` only where the author may. */
export const mentionsOfText = z.object({
  names: z.array(z.string()).optional(),
  room: z.literal(true).optional(),
  here: z.literal(true).optional(),
});

export const messageEvent = z.object({
  ...head,
  kind: z.literal("message"),
  id: eventId,
  /** Empty where the message was deleted. */
  text: z.string(),
  replyTo: seq.optional(),
  /** The first message of the thread that this one belongs to. */
  thread: seq.optional(),
  /** A message of a thread that is shown in the room as well. */
  broadcast: z.literal(true).optional(),
  mentions: mentionsOfText.optional(),
  files: z.array(fileInfo).optional(),
});
export const editEvent = z.object({ ...head, kind: z.literal("edit"), id: eventId, target: seq, text: z.string() });
export const deleteEvent = z.object({ ...head, kind: z.literal("delete"), id: eventId, target: seq });
export const reactEvent = z.object({
  ...head,
  kind: z.literal("react"),
  id: eventId,
  target: seq,
  emoji: z.string(),
  remove: z.boolean().optional(),
});
export const pinEvent = z.object({
  ...head,
  kind: z.literal("pin"),
  id: eventId,
  target: seq,
  remove: z.literal(true).optional(),
});
export const joinEvent = z.object({ ...head, kind: z.literal("join"), id: eventId, user: userId });
export const leaveEvent = z.object({ ...head, kind: z.literal("leave"), id: eventId, user: userId });
export const roomEvent = z.object({
  ...head,
  kind: z.literal("room"),
  id: eventId,
  name: z.string(),
  topic: z.string(),
  settings: roomSettings.optional(),
});
/** Of `user`: a new role, or a mute until a time (Unix ms; 0: its end). */
export const memberEvent = z.object({
  ...head,
  kind: z.literal("member"),
  id: eventId,
  user: userId,
  role: z.string().optional(),
  mutedUntil: z.int().min(0).optional(),
});
/** A value of a record. */
export const recordValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
/** Records of a room with a model, or what a standing query found. `from`: the event of the source that they are from, `of`: its author. */
export const dataEvent = z.object({
  ...head,
  kind: z.literal("data"),
  id: eventId,
  rows: z.record(z.string(), recordValue).array(),
  from: seq.optional(),
  of: userId.optional(),
});
/** Of a standing query: it looks at the events of its source after `from`, or, ended, at those up to it. `note`: why it ended. */
export const flowEvent = z.object({
  ...head,
  kind: z.literal("flow"),
  id: eventId,
  state: z.enum(["running", "ended"]),
  from: seq,
  note: z.string().optional(),
});
/**
 * Of a task that `by` has started in the room: queued, and later once how it ended. `note`: what it is about, what it found, or why it failed; everything else
 * is asked for by the id.
 */
export const taskEvent = z.object({
  ...head,
  kind: z.literal("task"),
  id: eventId,
  task: taskId,
  name: z.string(),
  state: z.enum(["queued", "done", "failed", "cancelled"]),
  note: z.string().optional(),
});
/** Stands where an event was that the store could not take; the event itself is in `dead_letters`. */
export const tombstoneEvent = z.object({ ...head, kind: z.literal("tombstone"), id: eventId });

/** A durable change of a room. */
export const event = z.discriminatedUnion("kind", [
  messageEvent,
  editEvent,
  deleteEvent,
  reactEvent,
  pinEvent,
  joinEvent,
  leaveEvent,
  roomEvent,
  memberEvent,
  dataEvent,
  flowEvent,
  taskEvent,
  tombstoneEvent,
]);
export type RoomEvent = z.output<typeof event>;
export type EventKind = RoomEvent["kind"];
type BodyOf<Event> = Event extends RoomEvent ? Omit<Event, "type" | "room" | "epoch" | "seq" | "at"> : never;
/** The part of an event that its author writes; the sequencer adds the head. */
export type EventBody = BodyOf<RoomEvent>;
