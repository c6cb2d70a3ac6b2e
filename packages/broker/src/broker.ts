import type { EventId, NodeInfo, RoomId, SessionId, UserId } from "@hubbub/protocol";

/**
 * The room log: numbers events, keeps the recent ones, hands them to the gateways that serve the room and to the writer.
 *
 * Two implementations, `redis/` for a cluster and `memory/` for one process, pass the same contract suite. All seqs,
 * epochs and times are safe integers; times are Unix milliseconds by the clock of the log.
 */
export interface Broker extends AsyncDisposable {
  readonly kind: "redis" | "memory";
  /** S: rooms hash to shards 0 … S-1. The same for every process of a cluster; it never changes. */
  readonly shards: number;
  /**
   * How far a new epoch must jump above everything known. 0 where nothing that anybody saw can be lost
   * (the memory broker shows an event only after it is committed).
   */
  readonly epochJump: number;
  /** An accept answers when its events are committed: nobody has to keep them for a log that is lost. */
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

  /** Reference-counted. Resolves when the log has confirmed: from then on every delivery of the room arrives. */
  subscribe(room: RoomId): Promise<void>;
  unsubscribe(room: RoomId): Promise<void>;
  /** Exactly one listener of each kind, set before the first subscribe. */
  listen(listener: BrokerListener): void;

  /** Events of a room with seq > after, rising, at most `limit`; what the tail no longer holds is missing at the front. */
  tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]>;
  /** In one turn for any number of rooms; null for a room without an epoch. */
  heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]>;

  /**
   * The offset in front of everything in the present log of a shard. What stands before its last `/` names the log, in
   * every offset: another name, another log, and what was read under the old one may not be in it.
   */
  logStart(shard: number): Promise<string>;
  /** The log of a shard, for its writer. */
  openLog(shard: number): Promise<ShardLog>;
  /** Tells everybody that rooms are committed up to a seq. Marks of one call belong to one shard. */
  publishMarks(shard: number, marks: readonly DurableMark[]): Promise<void>;

  /** An ephemeral server frame to everybody in the room: no seq, not kept, may be lost. */
  publishSignal(room: RoomId, frame: string): Promise<void>;
  publishControl(message: ControlMessage): Promise<void>;

  readonly presence: Presence;
  readonly revocations: Revocations;
  readonly spending: Spending;
  /** Deliveries arrive, as far as is known: the subscription stands, or nobody listens here. */
  readonly isDelivering: boolean;
  /** Whether commands pass. @throws BrokerUnavailable */
  ping(): Promise<void>;
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

export interface DurableMark {
  readonly room: RoomId;
  readonly seq: number;
}

export interface BrokerListener {
  /** An event, mark or signal frame of a subscribed room, in the order of the log; `isEventFrame` tells which. */
  deliver(room: RoomId, frame: Buffer): void;
  control(message: ControlMessage): void;
  /** Deliveries may have been missed (the connection was lost and is back): everything live is suspect. */
  interrupted(): void;
}

export interface ShardLog extends AsyncDisposable {
  /**
   * Events behind `after` ("" for the beginning), oldest first, at most `count`; of one batch those of a room together.
   * Waits up to `blockMs` for the first. Offsets rise with the log; compare them only for equality.
   */
  read(after: string, count: number, blockMs: number): Promise<readonly LogEntry[]>;
  /**
   * Number of events behind `after` that this log has forgotten as committed: a store that stands at `after` was put back
   * further than the log can replay. Infinity: the log has met a later generation of the cluster.
   */
  missing(after: string): Promise<number>;
  /** Forgets entries that are committed up to `committed` and older than the replay window. */
  trim(committed: string): Promise<void>;
  /** Number of events behind `after`, for lag metrics: exact up to the log's bound. */
  lag(after: string): Promise<number>;
}

export interface LogEntry {
  readonly offset: string;
  /** The whole event frame as text. */
  readonly frame: string;
}

/** What every process must hear about at once. Lost ones are made good by `interrupted`: drop the caches. */
export type ControlMessage =
  | { readonly type: "session-revoked"; readonly session: SessionId }
  | { readonly type: "member-added"; readonly room: RoomId; readonly user: UserId }
  | { readonly type: "member-removed"; readonly room: RoomId; readonly user: UserId };

/** Who is online. Entries belong to a node, which renews one lease for all of them. */
export interface Presence {
  /** Renews the node's lease (10 s) and tells its figures. */
  renew(info: Omit<NodeInfo, "seenAt">): Promise<void>;
  /** Whether users have any connection at the node, which counts them itself. Told twice is as told once. */
  set(node: string, users: readonly UserId[], online: boolean): Promise<void>;
  /** A node leaves in good order: its people are offline at once. */
  drop(node: string): Promise<void>;
  online(users: readonly UserId[]): Promise<readonly boolean[]>;
  nodes(): Promise<readonly NodeInfo[]>;
}

/** Sessions that ended before their access tokens did. */
export interface Revocations {
  add(session: SessionId, ttlMs: number): Promise<void>;
  has(session: SessionId): Promise<boolean>;
}

/** Seconds over which spending is added up, by the clock of the log. */
export const SPENDING_WINDOW_SECONDS = 4;

/** What users have spent over all processes, for limits that more processes must not multiply. */
export interface Spending {
  /** Adds to the present window, in one call for any number of users. `sums`: of each in the window, in their order. */
  add(
    spent: readonly { readonly user: UserId; readonly count: number }[],
  ): Promise<{ readonly leftMs: number; readonly sums: readonly number[] }>;
}

/** The log cannot be reached. The caller still holds its message; asking again is safe. */
export class BrokerUnavailable extends Error {
  override readonly name = "BrokerUnavailable";
}
