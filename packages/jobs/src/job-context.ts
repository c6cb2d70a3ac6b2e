import type { Acceptor, Deliveries, History, RoomLog } from "@hubbub/broker";
import type { Logger } from "@hubbub/runtime";
import type { Store, TaskRecord } from "@hubbub/store";

/** What tasks work with. */
export interface JobContext {
  readonly broker: Pick<Deliveries, "publishSignal"> & Pick<RoomLog, "heads">;
  readonly acceptor: Pick<Acceptor, "accept">;
  readonly history: History;
  readonly store: Pick<Store, "tasks" | "members" | "events" | "search">;
  readonly log: Logger;
}

/** One attempt at a task. */
export interface Work {
  readonly task: TaskRecord;
  /** Aborts when the attempt may write nothing more. */
  readonly signal: AbortSignal;
  /** Events of the room after this seq may be read by the user. */
  readonly from: number;
  /** `total` 0: not known. */
  progress(done: number, total: number): void;
}

/** `note`: one to three lines for the event in the room. `result`: JSON that `GET` of the task answers. */
export interface Outcome {
  readonly note: string;
  readonly result: Readonly<Record<string, unknown>>;
}

export type TaskHandler = (context: JobContext, work: Work) => Promise<Outcome>;
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

/** Another attempt would end the same way. The message is for the user. */
export class TaskRefused extends Error {
  override readonly name = "TaskRefused";
}

/** The task was cancelled, or another process has it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}
