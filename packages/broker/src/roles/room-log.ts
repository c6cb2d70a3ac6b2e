import type { EventId, RoomId, UserId } from "@hubbub/protocol";

/** Numbers the events of a room, keeps the recent ones, and knows where each room stands. */
export interface RoomLog {
  /**
   * How far a new epoch must jump above everything known. 0 where nothing that anybody saw can be lost
   * (the memory broker shows an event only after it is committed).
   */
  readonly epochJump: number;
  /** Accepted means committed: `accept` answers when its events are rows, so no process has to keep them. */
  readonly isAcceptDurable: boolean;

  /**
   * Numbers and keeps a batch of events of one shard, all in one atomic step, and delivers them. Answers in order.
   * Sent again after a lost connection by itself: the dedupe makes that safe.
   * @throws BrokerUnavailable after `acceptTimeoutMs` without the log; whether the batch was taken is then unknown.
   */
  accept(shard: number, batch: readonly AcceptRequest[]): Promise<readonly AcceptResult[]>;
  /**
   * Starts a room's epoch unless somebody else did meanwhile; answers what holds now.
   * `seen`: the highest seq the caller has seen; a numbering that is behind it does not hold.
   */
  initialise(room: RoomId, start: { epoch: number; head: number; seen?: number | undefined }): Promise<RoomHead>;

  /**
   * Makes these events of a room recognised when they are sent again, as far as they are not and their window is not over:
   * for a log that was lost, and the dedupe with it.
   */
  remember(room: RoomId, events: readonly NumberedEvent[]): Promise<void>;

  /** Events of a room with seq > after, rising, at most `limit`; what the tail no longer holds is missing at the front. */
  tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]>;
  /** In one turn for any number of rooms; null for a room without an epoch. */
  heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]>;
}

export interface AcceptRequest {
  readonly room: RoomId;
  /** (room, user, id) is what a re-sent event is recognised by. */
  readonly user: UserId;
  readonly id: EventId;
  /** The event frame behind its head, as `encodeEventBody` of the protocol writes it. */
  readonly body: string;
  /** The highest seq of the room that the caller has seen, 0 for none: the log must not be behind it. */
  readonly seen: number;
  /** The room's epoch as the caller knows it, the same for all its events of a batch: in another one the room is `restarted`. */
  readonly epoch?: number | undefined;
}

/** An event that has its numbers. */
export interface NumberedEvent {
  readonly user: UserId;
  readonly id: EventId;
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
}

export type AcceptResult =
  | { readonly state: "accepted" | "duplicate"; readonly seq: number; readonly epoch: number; readonly at: number }
  /** The shard's backlog is at its bound. Nothing was taken. */
  | { readonly state: "overloaded" }
  /**
   * The room has no numbering that can be trusted: new, lost, from another incarnation of the log, or behind `seen`.
   * Nothing was taken by this log; `initialise` the room above `head`, then ask again. `head`: the highest seq the log
   * knows, 0 for none. Where the answer of an earlier incarnation was lost, that one may have taken it: the store knows.
   */
  | { readonly state: "uninitialised"; readonly head: number }
  /** The room is in this epoch and not in the one that the caller knows. Nothing was taken by this log. */
  | { readonly state: "restarted"; readonly epoch: number };

/** `seq`: newest. `durable`: committed in the store up to here, 0 when unknown. */
export interface RoomHead {
  readonly epoch: number;
  readonly seq: number;
  readonly durable: number;
}

export interface TailEvent {
  readonly seq: number;
  /** The whole event frame. */
  readonly frame: Buffer;
}
