import type { EventId, RoomId, UserId } from "@hubbub/protocol";

/** Numbers the events of rooms, keeps the recent ones, and knows the head of each room. */
export interface RoomLog {
  /**
   * Distance between the highest known seq and the first seq of a new epoch. 0 if no delivered event can be lost: the
   * memory broker delivers an event only after it is committed.
   */
  readonly epochJump: number;
  /** `accept` answers after the events are committed, so no process has to keep them. */
  readonly isAcceptDurable: boolean;

  /**
   * Numbers, keeps and delivers a batch of events of one shard in one atomic step. Results are in the order of the batch.
   * Sends the batch again after a lost connection; the dedupe makes that safe.
   * @throws BrokerUnavailable if the log does not answer within `acceptTimeoutMs`; the batch may have been accepted.
   */
  accept(shard: number, batch: readonly AcceptRequest[]): Promise<readonly AcceptResult[]>;
  /**
   * Starts an epoch of a room unless another process has done so; resolves to the present head.
   * `seen`: the highest seq that the caller has seen; a numbering behind it is replaced.
   */
  initialise(room: RoomId, start: { epoch: number; head: number; seen?: number | undefined }): Promise<RoomHead>;

  /**
   * Adds events of a room to the dedupe, so that they are recognised when they are sent again. Events older than the dedupe
   * window are ignored. Needed after the log was lost, and the dedupe with it.
   */
  remember(room: RoomId, events: readonly NumberedEvent[]): Promise<void>;

  /** Events of a room with seq > after, ascending, at most `limit`. Events that have left the tail are missing at the front. */
  tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]>;
  /** In one round trip for any number of rooms; null for a room without an epoch. */
  heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]>;
}

export interface AcceptRequest {
  readonly room: RoomId;
  /** A re-sent event is recognised by (room, user, id). */
  readonly user: UserId;
  readonly id: EventId;
  /** The event frame without its head, as `encodeEventBody` of the protocol writes it. */
  readonly body: string;
  /** The highest seq of the room that the caller has seen; 0: none. The log must not be behind it. */
  readonly seen: number;
  /** The epoch of the room as the caller knows it, equal for all its events in a batch. A room in another epoch is `restarted`. */
  readonly epoch?: number | undefined;
}

/** An event with its numbers. */
export interface NumberedEvent {
  readonly user: UserId;
  readonly id: EventId;
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
}

export type AcceptResult =
  | { readonly state: "accepted" | "duplicate"; readonly seq: number; readonly epoch: number; readonly at: number }
  /** The backlog of the shard is at its bound. The event was not accepted. */
  | { readonly state: "overloaded" }
  /**
   * The numbering of the room cannot be trusted: it is new, lost, from another run of the log, or behind `seen`. This log
   * accepted nothing; `initialise` the room above `head` and send the event again. `head`: the highest seq that the log
   * knows; 0: none. If the answer of an earlier run was lost, that run may have accepted the event: ask the store.
   */
  | { readonly state: "uninitialised"; readonly head: number }
  /** The room is in this epoch, not in the one that the caller knows. This log accepted nothing. */
  | { readonly state: "restarted"; readonly epoch: number };

/** `seq`: of the newest event. `durable`: seq up to which the store has committed; 0: unknown. */
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
