import type { EventId, MessageState, PublicUser, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import type { Sessions, Users } from "./store-accounts.ts";
import type { Admin } from "./store-admin.ts";
import type { Audit } from "./store-audit.ts";
import type { Bots } from "./store-bots.ts";
import type { Chains } from "./store-chains.ts";
import type { Erasures } from "./store-erasures.ts";
import type { Exports } from "./store-exports.ts";
import type { MinuteStats } from "./store-figures.ts";
import type { Files } from "./store-files.ts";
import type { Flows } from "./store-flows.ts";
import type { Nodes } from "./store-nodes.ts";
import type { Accounts, MailCodes, Profiles } from "./store-own-account.ts";
import type { Reports } from "./store-reports.ts";
import type { Bans, Blocks, Invites, Members, Rooms } from "./store-rooms.ts";
import type { Search, SearchIndex } from "./store-search.ts";
import type { Signin } from "./store-signin.ts";
import type { Tasks } from "./store-tasks.ts";
import type { Threads } from "./store-threads.ts";
import type { Statuses, Unread } from "./store-unread.ts";
import type { UntoldChanges } from "./store-untold.ts";

/**
 * Everything durable, on `pg` (a cluster) or PGlite (embedded): the same schema, the same statements.
 *
 * Errors of the driver pass unchanged. `isUnavailable(error)` says whether a retry can help. An error that the caller's
 * client has caused is a `ProtocolError`.
 */
export interface Store extends AsyncDisposable {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signin: Signin;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly mailCodes: MailCodes;
  readonly rooms: Rooms;
  readonly members: Members;
  readonly bans: Bans;
  readonly invites: Invites;
  readonly blocks: Blocks;
  readonly untoldChanges: UntoldChanges;
  readonly events: Events;
  readonly chains: Chains;
  readonly erasures: Erasures;
  readonly audit: Audit;
  readonly reports: Reports;
  readonly exports: Exports;
  readonly files: Files;
  readonly admin: Admin;
  readonly threads: Threads;
  readonly unread: Unread;
  readonly statuses: Statuses;
  readonly search: Search;
  readonly searchIndex: SearchIndex;
  readonly flows: Flows;
  readonly bots: Bots;
  readonly tasks: Tasks;
  readonly shards: Shards;
  readonly cluster: Cluster;
  readonly nodes: Nodes;
  readonly stats: MinuteStats;
  /** Brings the schema up to date under an advisory lock; concurrent calls are allowed. @throws OlderNodesRun */
  migrate(): Promise<void>;
  /** @throws SchemaMismatch that says what to run */
  assertSchema(): Promise<void>;
  ping(): Promise<void>;
}

/** The values that all processes of a cluster must agree on. */
export interface Cluster {
  /**
   * The first process stores the number of shards; every later process must have the same.
   * @throws ShardsMismatch
   */
  agree(shards: number): Promise<{ readonly generation: number }>;
  /** The number of adoptions after restores. The keys of the log carry it. */
  generation(): Promise<number>;
  /** Owners with a live lease. */
  writersAlive(): Promise<readonly string[]>;
  /**
   * Begins a new generation on a database that was restored, in one transaction: every room gets an epoch of its own
   * far above all numbers that may have been given out, leases and positions in the old log are void, all sessions end.
   * `above`: the new generation is above this one, which the log remembers.
   */
  adopt(how: { readonly reason: string; readonly keepSessions: boolean; readonly above: number }): Promise<Adoption>;
}

export interface Adoption {
  readonly generation: number;
  /** Rooms that got a new epoch, sessions that ended. */
  readonly rooms: number;
  readonly sessions: number;
}

export interface Events {
  /**
   * Commits a batch of one shard: token check, rows, offset, in one transaction. Rows already there are left alone.
   * Returns what other processes should be told.
   * @throws LeaseLost when the token is no longer the shard's, or its offset not the lease's: acquire it anew
   */
  append(batch: AppendBatch): Promise<AfterAppend>;
  /**
   * As `append`, for one entry that `append` cannot take: a dead letter, and a tombstone at its seq if that is known.
   */
  deadLetter(
    batch: Omit<AppendBatch, "events">,
    entry: { offset: string; frame: string; error: string },
  ): Promise<void>;
  /** Rising by seq, whichever side is asked for. Keyset on (room_id, seq); never OFFSET. */
  page(room: RoomId, range: { after: number; limit: number } | { before: number; limit: number }): Promise<RoomEvent[]>;
  /** What later events have made of messages of a room. Messages that nothing has changed are not in it. */
  states(room: RoomId, seqs: readonly number[]): Promise<MessageStates>;
  /**
   * Which of these events are rows, and their numbers; looked for after a seq, or among the newest rows of the room.
   * After `Shards.seal` the answer holds for everything that was read before it.
   */
  stored(
    room: RoomId,
    range: { after: number } | { newest: number },
    events: readonly { user: UserId; id: EventId }[],
  ): Promise<readonly StoredEvent[]>;
  /**
   * Notes the seqs that events had in lost epochs: changes that name these belong to them. The writer of the shard must then
   * acquire it again, so a call takes all rooms of the shard at once.
   */
  moved(shard: number, events: readonly MovedEvent[]): Promise<void>;
  /** Newest stored seq and newest epoch; both 0 when there is none. */
  head(room: RoomId): Promise<{ seq: number; epoch: number }>;
  /** The same of any number of rooms in one statement, in their order. */
  heads(rooms: readonly RoomId[]): Promise<readonly { seq: number; epoch: number }[]>;
  /**
   * Author, id and number of the newest events of a room that were accepted since a time (Unix ms), at most `limit`.
   */
  recent(room: RoomId, sinceMs: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The newest dead letters. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
}

export interface MovedEvent {
  readonly room: RoomId;
  readonly user: UserId;
  readonly seq: number;
  /** The other seqs that it had. */
  readonly was: readonly number[];
}

/**
 * Commit strength of the writer's transactions. `local`: if a lagging standby is promoted, the log still has the
 * events. `on` waits for `synchronous_standby_names`, as all other transactions do.
 */
export type WriterCommit = "local" | "on";

/** `head`: the newest stored seq of the room, at the same moment. Later events are not in the states. */
export interface MessageStates {
  readonly states: ReadonlyMap<number, MessageState>;
  readonly head: number;
}

/** A room in which texts were deleted; `seq` is the newest event that did so. */
export interface EmptiedRoom {
  readonly room: RoomId;
  readonly seq: number;
}

/** The message `seq` mentions the user by name. Users who want nothing of the room or of its author are not among them. */
export interface Mentioned extends EmptiedRoom {
  readonly user: UserId;
  readonly by: PublicUser;
  readonly preview: string;
}

export type AfterAppend = readonly (EmptiedRoom | Mentioned)[];

export interface StoredEvent {
  readonly user: UserId;
  readonly id: EventId;
  readonly seq: number;
  readonly epoch: number;
  readonly at: number;
}

export interface AppendBatch {
  /**
   * The writer's lease, with the offset of the shard. A store with another offset has fallen back, and commits nothing.
   */
  readonly lease: Lease;
  /** The log position after the batch's last entry; committed with the rows. */
  readonly offset: string;
  readonly events: readonly RoomEvent[];
}

/** Leases of shards. The token rises with every change of the owner: a batch of an earlier owner cannot commit. */
export interface Shards {
  /** null while another owner has a live lease. Times by the clock of the database. */
  acquire(shard: number, owner: string, ttlMs: number): Promise<Lease | null>;
  /** Renews those of the leases that this owner still holds; returns the offset of each of these shards. */
  renew(owner: string, leases: readonly Lease[], ttlMs: number): Promise<ReadonlyMap<number, string>>;
  release(owner: string, lease: Lease): Promise<void>;
  /**
   * The log of the shard is another one than the shard's offset is from: its writer begins at `start`, and what it has
   * read of an earlier log commits no more. A shard that stands in the log of `start` already is left alone; which log
   * an offset is from stands before its last `/`.
   */
  seal(shard: number, start: string): Promise<void>;
  /** Number of owners with a live lease, for a fair share. */
  owners(): Promise<number>;
}

export interface Lease {
  readonly shard: number;
  readonly token: number;
  /** Where the last committed batch ended; "" for the beginning. */
  readonly offset: string;
}

export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export class ShardsMismatch extends Error {
  override readonly name = "ShardsMismatch";

  constructor(known: number, asked: number) {
    super(
      `SHARDS=${asked}, but this cluster has ${known} shards: rooms would be numbered twice. Start with SHARDS=${known}; the number cannot be changed`,
    );
  }
}

export class SchemaMismatch extends Error {
  override readonly name = "SchemaMismatch";
}

/** A dead letter as an operator reads it. */
export interface DeadLetter {
  readonly shard: number;
  readonly offset: string;
  readonly room: RoomId | null;
  readonly event: EventId | null;
  readonly frame: string;
  readonly error: string;
}
