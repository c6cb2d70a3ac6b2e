import type { RoomId } from "@hubbub/protocol";

/** The logs of the shards, for their writers. */
export interface ShardLogs {
  /** S: rooms hash to shards 0 … S-1. Equal for every process of a cluster; it never changes. */
  readonly shards: number;

  /**
   * The offset before the first event of the present log of a shard. In every offset, the part before the last `/` names
   * the log. A log of another name may lack events that were read from the former one.
   */
  logStart(shard: number): Promise<string>;
  /** Opens the log of a shard for its writer. */
  openLog(shard: number): Promise<ShardLog>;
  /** Publishes the seqs up to which rooms are committed. All marks of one call belong to one shard. */
  publishMarks(shard: number, marks: readonly DurableMark[]): Promise<void>;
}

export interface ShardLog extends AsyncDisposable {
  /**
   * Events after `after` ("": from the beginning), oldest first, at most `count`. Within a batch the events of a room are
   * adjacent. Waits up to `blockMs` for the first event. Compare offsets only for equality.
   */
  read(after: string, count: number, blockMs: number): Promise<readonly LogEntry[]>;
  /**
   * Number of events after `after` that this log has already trimmed as committed. More than 0: the store was restored to a
   * state older than the log can replay. Infinity: the log has seen a later generation of the cluster.
   */
  missing(after: string): Promise<number>;
  /** Removes entries up to `committed` that are older than the replay window. */
  trim(committed: string): Promise<void>;
  /** Number of events after `after`, for lag metrics; exact up to the bound of the log. */
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
