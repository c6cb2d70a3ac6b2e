import type { RoomId, SessionId, UserId } from "@hubbub/protocol";

/** Hands frames to the processes that serve their rooms, and control messages to all processes. */
export interface Deliveries {
  /** Deliveries arrive, as far as is known: the subscription stands, or nobody listens here. */
  readonly isDelivering: boolean;

  /** Counts references. Resolves when the log has confirmed: from then on every delivery of the room arrives. */
  subscribe(room: RoomId): Promise<void>;
  unsubscribe(room: RoomId): Promise<void>;
  /** Exactly one listener of each kind, set before the first subscribe. */
  listen(listener: BrokerListener): void;

  /** An ephemeral server frame to everybody in the room: no seq, not kept, may be lost. */
  publishSignal(room: RoomId, frame: string): Promise<void>;
  publishControl(message: ControlMessage): Promise<void>;
}

export interface BrokerListener {
  /** An event, mark or signal frame of a subscribed room, in the order of the log; `isEventFrame` tells which. */
  deliver(room: RoomId, frame: Buffer): void;
  control(message: ControlMessage): void;
  /** Deliveries may have been missed (the connection was lost and is back): everything live is suspect. */
  interrupted(): void;
}

/** What every process must hear about at once. Lost ones are made good by `interrupted`: drop the caches. */
export type ControlMessage =
  | { readonly type: "session-revoked"; readonly session: SessionId }
  | { readonly type: "member-added"; readonly room: RoomId; readonly user: UserId }
  | { readonly type: "member-removed"; readonly room: RoomId; readonly user: UserId };
