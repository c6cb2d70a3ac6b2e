import type { RoomId } from "@hubbub/protocol";

/** The logs of the shards, for their writers. */
export interface ShardLogs {
  /** S: rooms hash to shards 0 … S-1. The same for every process of a cluster; it never changes. */
  readonly shards: number;

  /**
   * The offset in front of everything in the present log of a shard. What stands before its last `/` names the log, in
   * every offset: another name, another log, and what was read under the old one may not be in it.
   */
  logStart(shard: number): Promise<string>;
  /** The log of a shard, for its writer. */
  openLog(shard: number): Promise<ShardLog>;
  /** Tells everybody that rooms are committed up to a seq. Marks of one call belong to one shard. */
  publishMarks(shard: number, marks: readonly DurableMark[]): Promise<void>;
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

export interface DurableMark {
  readonly room: RoomId;
  readonly seq: number;
}
