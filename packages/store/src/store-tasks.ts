import type { RoomId, TaskId, UserId } from "@hubbub/protocol";

export interface NewTask {
  readonly id: TaskId;
  readonly user: UserId;
  readonly room: RoomId;
  readonly name: string;
  readonly args: string;
}

export interface TaskRecord extends NewTask {
  readonly username: string;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly attempt: number;
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
  readonly result: Readonly<Record<string, unknown>> | null;
  /** Of the end: what the room is told. */
  readonly note: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
  /** The event of the room that says that the task was started; 0: not told. */
  readonly seq: number;
}

/** What one attempt may write. Another attempt, or a cancel, ends it. */
export interface TaskLease {
  readonly id: TaskId;
  readonly owner: string;
  readonly attempt: number;
}

export interface TaskEnd {
  readonly state: "done" | "failed";
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly note: string;
  readonly done: number;
  readonly total: number;
}

export interface TaskBounds {
  /** Open tasks of one user, and of the cluster. */
  readonly perUser: number;
  readonly all: number;
  /** Nobody begins the task before, unless `begun` is called: the room is told first. */
  readonly holdMs: number;
}

/** Tasks of users, in one queue that serves users in turn. Writes under a lease answer false once it is lost. */
export interface Tasks {
  /**
   * Adds a task. The same id again changes nothing. `ahead`: own open tasks that were added before.
   * @throws ProtocolError overloaded at a bound; unknown_task: somebody else's task has the id
   */
  request(task: NewTask, bounds: TaskBounds): Promise<TaskRecord & { readonly ahead: number; readonly isNew: boolean }>;
  /** The event `seq` of the room says that the task was started. */
  begun(id: TaskId, seq: number): Promise<void>;
  /** What has expired is not found. */
  find(room: RoomId, id: TaskId): Promise<TaskRecord | null>;
  /** Newest first. */
  list(user: UserId, limit: number): Promise<readonly TaskRecord[]>;
  /** Ends an open task. Its attempt writes nothing more. false: there is none. */
  cancel(room: RoomId, id: TaskId, note: string, keptMs: number): Promise<boolean>;

  /**
   * Takes the oldest due task of the user who has waited longest since one of theirs was taken, among users with fewer than `perUser`
   * running ones. null: there is none.
   */
  claim(owner: string, ttlMs: number, perUser: number): Promise<TaskRecord | null>;
  /** Renews a lease and notes the progress. */
  renew(lease: TaskLease, progress: Pick<TaskRecord, "done" | "total">, ttlMs: number): Promise<boolean>;
  finish(lease: TaskLease, end: TaskEnd, keptMs: number): Promise<boolean>;
  /** Gives the task back, for an attempt after `waitMs`. `counts` false: this attempt does not count. */
  release(lease: TaskLease, waitMs: number, counts: boolean): Promise<boolean>;

  /** Tasks that ended at least `sinceMs` ago, and whose rooms do not know it. The oldest first. */
  untold(sinceMs: number, limit: number): Promise<readonly TaskRecord[]>;
  told(id: TaskId): Promise<void>;
  /** Open tasks, and seconds that the oldest due one waits. */
  waiting(): Promise<{ readonly open: number; readonly oldestSeconds: number }>;
  /** Deletes tasks whose result has expired, and users without tasks. Returns how many tasks. */
  sweep(limit: number): Promise<number>;
}
