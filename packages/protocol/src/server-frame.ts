import { z } from "zod";
import { ERRORS, type ErrorCode } from "./error-codes.ts";
import { event } from "./event.ts";
import { limitHit, limitInfo, penalty } from "./limit-hit.ts";
import { headFrame, personalFrame } from "./personal-frame.ts";
import { epoch, publicUser, ref, roomId, seq, taskId, time, userId } from "./schemas.ts";

/** What a server may send. Clients ignore fields and types they do not know. */

const milliseconds = z.int().min(0);

/** What this gateway allows one connection. Rates allow a burst of one second. */
export const limits = z.object({
  frameMaxBytes: z.int(),
  textMaxBytes: z.int(),
  framesPerSecond: z.int(),
  publishesPerSecond: z.int(),
  subscriptions: z.int(),
  /** Publishes that may wait for their ack. A server that sends this knows `round`. */
  inflight: z.int().optional(),
  /** All limits that bind this connection, by name; those of the HTTP API are told when they refuse. */
  all: z.record(z.string(), limitInfo).optional(),
});
export type Limits = z.output<typeof limits>;

const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const readyFrame = z.object({
  type: z.literal("ready"),
  ref,
  user: publicUser,
  connection: z.string(),
  node: z.string(),
  heartbeatMs: milliseconds,
  limits,
});
export const subscribedFrame = z.object({
  type: z.literal("subscribed"),
  ref,
  room: roomId,
  epoch,
  head: seq,
  recovered: z.boolean(),
  mode: z.literal("head").optional(),
});
export const unsubscribedFrame = z.object({ type: z.literal("unsubscribed"), ref, room: roomId });
export const ackFrame = z.object({
  type: z.literal("ack"),
  ref,
  room: roomId,
  seq,
  epoch,
  at: time,
  duplicate: z.literal(true).optional(),
});
export const pongFrame = z.object({ type: z.literal("pong"), ref, at: time });
export const durableFrame = z.object({ type: z.literal("durable"), room: roomId, seq });
/** `typing`, or `progress` of a task: `total` 0 means that it is not known. */
export const signalFrame = z.object({
  type: z.literal("signal"),
  room: roomId,
  by: publicUser,
  kind: z.string(),
  task: z.object({ id: taskId, done: z.int().min(0), total: z.int().min(0) }).optional(),
});
export const gapFrame = z.object({
  type: z.literal("gap"),
  room: roomId,
  from: seq,
  to: seq,
  reason: z.enum(["epoch", "retention", "slow"]),
});
export const epochFrame = z.object({ type: z.literal("epoch"), room: roomId, epoch, head: seq });
export const slowFrame = z.object({ type: z.literal("slow"), room: roomId.optional() });
export const goawayFrame = z.object({ type: z.literal("goaway"), afterMs: milliseconds });
export const errorFrame = z.object({
  type: z.literal("error"),
  ref: ref.optional(),
  code: z.enum(errorCodes),
  message: z.string(),
  /** Of a `subscribe` with a list: the room that is refused. */
  room: roomId.optional(),
  retryAfterMs: milliseconds.optional(),
  /** Of a `conflict`: the present text of the message, and the event that it is from. */
  current: z.object({ seq, text: z.string() }).optional(),
  limit: limitHit.optional(),
  penalty: penalty.optional(),
});
/** The room was left on another connection or the user was removed from it: no more of it comes here. */
export const removedFrame = z.object({ type: z.literal("removed"), room: roomId, user: userId });

export const serverFrame = z.union([
  readyFrame,
  event,
  durableFrame,
  ackFrame,
  subscribedFrame,
  unsubscribedFrame,
  pongFrame,
  signalFrame,
  headFrame,
  personalFrame,
  gapFrame,
  epochFrame,
  slowFrame,
  goawayFrame,
  errorFrame,
  removedFrame,
]);
export type ServerFrame = z.output<typeof serverFrame>;
export type ServerFrameOf<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;
export type GapFrame = ServerFrameOf<"gap">;
