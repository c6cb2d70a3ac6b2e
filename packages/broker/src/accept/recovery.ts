import type { RoomId } from "@hubbub/protocol";
import type { AcceptRequest, AcceptResult } from "../roles/room-log.ts";
import type { Accepted, EventRequest, PendingEvent, PendingEvents } from "./pending-event.ts";
import type { ShardBatcher } from "./shard-batcher.ts";

/**
 * The acceptor's view of recovery, implemented by `RoomRecovery`. It knows the numbering that the log must not be behind, and
 * holds the events of a room that the log cannot number now.
 */
export interface Recovery extends AsyncDisposable {
  /** Accepted events that are not known to be stored. */
  readonly undurable: number;
  /** true: no room for another event, because every pending event may have to be kept until it is stored. */
  isFull(pending: PendingEvents): boolean;
  /** true: the room is being recovered and the event waits with it, in its order. */
  park(event: PendingEvent): boolean;
  /** The request with what this process knows of the room's numbering. */
  withMarks(request: EventRequest): AcceptRequest;
  accepted(event: PendingEvent, accepted: Accepted): void;
  /** The log has not answered: whether it has taken the batch is unknown. */
  unanswered(batch: readonly PendingEvent[]): void;
  /**
   * Recovers the rooms of the refused events of one batch, with what waits for them in the batcher, and answers their events or
   * gives them back. Does not reject.
   */
  recover(batcher: ShardBatcher, refused: readonly RefusedEvent[]): void;
  /** A delivery of the room had this seq: a log that is behind it must not number. */
  saw(room: RoomId, seq: number): void;
  /** Waits a little for the events that are not stored. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** An event that the log did not accept, because it would not number the room. */
export interface RefusedEvent {
  readonly event: PendingEvent;
  readonly found: Extract<AcceptResult, { state: "uninitialised" | "restarted" }>;
}
