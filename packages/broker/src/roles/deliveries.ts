import type { RoomId, SessionId, UserId } from "@hubbub/protocol";
import type { Question } from "./figures.ts";

/** Delivers frames of rooms, and of users, to the processes that serve them, and control messages to all processes. */
export interface Deliveries {
  /** Deliveries arrive as far as is known: the subscription is confirmed, or this process has no listener. */
  readonly isDelivering: boolean;

  /** Counts references. Resolves when the log has confirmed; every later delivery of the room or user arrives. */
  subscribe(to: RoomId | UserId): Promise<void>;
  unsubscribe(to: RoomId | UserId): Promise<void>;
  /** Sets the one listener, before the first subscribe. */
  listen(listener: BrokerListener): void;

  /** Sends an ephemeral server frame to all subscribers of the room or user. It has no seq, is not kept and may be lost. */
  publishSignal(to: RoomId | UserId, frame: string): Promise<void>;
  publishControl(message: ControlMessage): Promise<void>;
}

export interface BrokerListener {
  /** An event, mark or signal frame of a subscribed room or user, in the order of the log; `isEventFrame` tells which. */
  deliver(to: RoomId | UserId, frame: Buffer): void;
  control(message: ControlMessage): void;
  /** The connection was lost and is back. Deliveries may have been missed: check every live room. */
  interrupted(): void;
}

/** News for every process. `interrupted` covers lost messages: drop the caches then. */
export type ControlMessage =
  | { readonly type: "session-revoked"; readonly session: SessionId }
  /** Frames of these rooms may hold deleted texts. */
  | { readonly type: "texts-deleted"; readonly rooms: readonly RoomId[] }
  | { readonly type: "member-added"; readonly room: RoomId; readonly user: UserId }
  /** A new role, a mute or its end. */
  | { readonly type: "member-changed"; readonly room: RoomId; readonly user: UserId }
  /** New settings; or nobody is in it any more. */
  | { readonly type: "room-changed" | "room-closed"; readonly room: RoomId }
  | Question
  | { readonly type: "member-removed"; readonly room: RoomId; readonly user: UserId };
