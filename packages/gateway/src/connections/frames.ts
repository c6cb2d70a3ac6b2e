import type { Accepted } from "@hubbub/broker";
import type { GapFrame, RoomId, ServerFrameOf } from "@hubbub/protocol";

/**
 * Server frames as text. The frequent ones are templates: ids are UUIDs and the rest are integers, so nothing needs
 * escaping.
 */

export function encodeAck(ref: number, room: RoomId, accepted: Accepted): string {
  const { seq, epoch, at, state } = accepted;
  const end = state === "duplicate" ? ',"duplicate":true}' : "}";
  return `{"type":"ack","ref":${ref},"room":"${room}","seq":${seq},"epoch":${epoch},"at":${at}${end}`;
}

export function encodePong(ref: number, at: number): string {
  return `{"type":"pong","ref":${ref},"at":${at}}`;
}

export function encodeGap(room: RoomId, from: number, to: number, reason: GapFrame["reason"]): string {
  return `{"type":"gap","room":"${room}","from":${from},"to":${to},"reason":"${reason}"}`;
}

export function encodeEpoch(room: RoomId, epoch: number, head: number): string {
  return `{"type":"epoch","room":"${room}","epoch":${epoch},"head":${head}}`;
}

export function encodeSubscribed(frame: Omit<ServerFrameOf<"subscribed">, "type">): string {
  const { ref, room, epoch, head, recovered } = frame;
  return `{"type":"subscribed","ref":${ref},"room":"${room}","epoch":${epoch},"head":${head},"recovered":${recovered}}`;
}

export function encodeUnsubscribed(ref: number, room: RoomId): string {
  return `{"type":"unsubscribed","ref":${ref},"room":"${room}"}`;
}

export const SLOW_FRAME = '{"type":"slow"}';

export function encodeGoaway(afterMs: number): string {
  return `{"type":"goaway","afterMs":${afterMs}}`;
}

/** Of a frame that is rare or has texts of people. */
export function encodeFrame<Type extends "ready" | "removed" | "signal">(
  type: Type,
  frame: Omit<ServerFrameOf<Type>, "type">,
): string {
  return JSON.stringify({ type, ...frame });
}
