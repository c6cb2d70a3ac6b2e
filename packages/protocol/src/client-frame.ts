import { z } from "zod";
import { SUBSCRIBE_MAX } from "./limits.ts";
import { content, emoji, epoch, eventId, hasContent, messageText, NO_CONTENT, ref, roomId, seq } from "./schemas.ts";

/** What a client may send. Unknown fields are refused; `ref` is repeated in the answer. */

const MAX_TOKEN_LENGTH = 4_096;

/** `personal`: the connection gets the `personal` frames of its user. */
export const helloFrame = z.strictObject({
  type: z.literal("hello"),
  ref,
  token: z.string().min(1).max(MAX_TOKEN_LENGTH),
  personal: z.literal(true).optional(),
});

/**
 * `since`: the last seq this client holds, with its epoch; the events after it come before `subscribed`. `mode` head: instead
 * of events a `head` frame at most once a second; `since` is not looked at.
 */
const inRoom = {
  since: z.strictObject({ seq, epoch }).optional(),
  mode: z.enum(["events", "head"]).optional(),
};
/** One room, or a list of rooms with an answer each. `mode` of the frame holds for the rooms without one. */
export const subscribeFrame = z
  .strictObject({
    type: z.literal("subscribe"),
    ref,
    room: roomId.optional(),
    ...inRoom,
    rooms: z
      .array(z.strictObject({ room: roomId, ...inRoom }))
      .min(1)
      .max(SUBSCRIBE_MAX)
      .refine((rooms) => new Set(rooms.map(({ room }) => room)).size === rooms.length, "give each room once")
      .optional(),
  })
  .refine(({ room, rooms }) => (room === undefined) !== (rooms === undefined), "give room or rooms");

export const unsubscribeFrame = z.strictObject({ type: z.literal("unsubscribe"), ref, room: roomId });

/**
 * `round`: after the server has refused an event of a round with a code that invites a retry, it refuses with `out_of_order`
 * the events of that round that have a higher `ref`, and those of earlier rounds. So nothing overtakes a refused event. The
 * client goes on from that event in a higher round. Absent: no such promise.
 */
const ordered = { ref, room: roomId, id: eventId, round: ref.optional() };

export const publishFrame = z
  .strictObject({
    type: z.literal("publish"),
    ...ordered,
    ...content,
    replyTo: seq.optional(),
    thread: seq.optional(),
    broadcast: z.literal(true).optional(),
  })
  .refine(hasContent, NO_CONTENT);

/** `baseSeq`: the event whose text the author has edited: the message, or its newest edit. */
export const editFrame = z.strictObject({
  type: z.literal("edit"),
  ...ordered,
  target: seq,
  baseSeq: seq.optional(),
  text: messageText,
});

export const deleteFrame = z.strictObject({ type: z.literal("delete"), ...ordered, target: seq });

export const reactFrame = z.strictObject({
  type: z.literal("react"),
  ...ordered,
  target: seq,
  emoji,
  remove: z.boolean().optional(),
});

export const pinFrame = z.strictObject({
  type: z.literal("pin"),
  ...ordered,
  target: seq,
  remove: z.literal(true).optional(),
});

export const typingFrame = z.strictObject({ type: z.literal("typing"), room: roomId });
export const readFrame = z.strictObject({ type: z.literal("read"), room: roomId, seq });
export const pingFrame = z.strictObject({ type: z.literal("ping"), ref });
export const byeFrame = z.strictObject({ type: z.literal("bye") });

export const clientFrame = z.discriminatedUnion("type", [
  helloFrame,
  subscribeFrame,
  unsubscribeFrame,
  publishFrame,
  editFrame,
  deleteFrame,
  reactFrame,
  pinFrame,
  typingFrame,
  readFrame,
  pingFrame,
  byeFrame,
]);

/** A frame that was read and checked. */
export type ClientFrame = z.output<typeof clientFrame>;
export type ClientFrameOf<Type extends ClientFrame["type"]> = Extract<ClientFrame, { type: Type }>;
