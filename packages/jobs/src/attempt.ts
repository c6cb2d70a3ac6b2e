import { BrokerUnavailable } from "@hubbub/broker";
import { ProtocolError } from "@hubbub/protocol";
import { isUnavailable, type TaskEnd, type TaskLease, type TaskRecord } from "@hubbub/store";
import { type JobContext, LeaseLost, type Outcome, type TaskHandlers, TaskRefused } from "./job-context.ts";

/** Bytes of a result as JSON, and characters of what the room is told. */
const RESULT_BYTES = 65_536;
const NOTE_MAX = 1_000;
/** A task that fails, or ends its process, so often is given up. */
export const ATTEMPTS_MAX = 3;
const RETRY_MS = 1_000;
const AWAY_MS = 2_000;
/** A task that has waited so long for Redis or Postgres, or for a statement that takes too long, is given up. */
const GIVE_UP_MS = 3_600_000;
/** Rooms hear of progress at most so often; the row, and with it the lease, is renewed so often. */
const TOLD_EVERY_MS = 250;
const RENEWED_EVERY_MS = 2_000;

export interface AttemptOptions {
  readonly context: JobContext;
  readonly handlers: TaskHandlers;
  readonly owner: string;
  readonly leaseMs: number;
  /** A task that takes longer is ended. */
  readonly timeoutMs: number;
  /** Results are kept for so long. */
  readonly keptMs: number;
  /** Aborts when the process leaves. */
  readonly leaving: AbortSignal;
}

/** One attempt at one task. The end is one write under the lease: an attempt that has lost its lease writes nothing. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #task: TaskRecord;
  readonly #lease: TaskLease;
  readonly #ending = new AbortController();
  #progress = { done: 0, total: 0 };
  #toldAt = Number.NEGATIVE_INFINITY;
  #renewedAt = performance.now();

  constructor(options: AttemptOptions, task: TaskRecord) {
    this.#options = options;
    this.#task = task;
    this.#lease = { id: task.id, owner: options.owner, attempt: task.attempt };
  }

  /** The task as it ended; null: it goes on elsewhere, or was cancelled. */
  async run(): Promise<TaskRecord | null> {
    const { leaving, leaseMs } = this.#options;
    const leave = () => this.#ending.abort(leaving.reason);
    leaving.addEventListener("abort", leave, { once: true });
    if (leaving.aborted) leave();
    // The lease is renewed beside the work, which may wait for something long.
    const renewing = setInterval(() => void this.#renew(), Math.min(RENEWED_EVERY_MS, leaseMs / 3));
    try {
      return await this.#finish("done", await this.#work());
    } catch (error) {
      return await this.#failed(error);
    } finally {
      clearInterval(renewing);
      leaving.removeEventListener("abort", leave);
      this.#ending.abort();
    }
  }

  async #work(): Promise<Outcome> {
    const { context, handlers, timeoutMs } = this.#options;
    const task = this.#task;
    if (task.attempt > ATTEMPTS_MAX) throw new TaskRefused(`it was begun ${ATTEMPTS_MAX} times, and its process ended`);
    const handler = handlers[task.name];
    if (handler === undefined) throw new TaskRefused("this server has no such task");
    const [standing] = await context.store.members.standings([{ room: task.room, user: task.user }]);
    if (standing === undefined || standing === null) throw new TaskRefused("you are not in the room any more");
    const slow = setTimeout(
      () => this.#ending.abort(new TaskRefused(`it took longer than ${timeoutMs / 1_000} s`)),
      timeoutMs,
    );
    try {
      const { signal } = this.#ending;
      const progress = (done: number, total: number) => this.#tell(done, total);
      const outcome = await untilAborted(
        handler(context, { task, signal, from: standing.from ?? 0, progress }),
        signal,
      );
      const bytes = Buffer.byteLength(JSON.stringify(outcome.result));
      if (bytes > RESULT_BYTES) throw new TaskRefused(`its result has more than ${RESULT_BYTES} bytes`);
      return outcome;
    } finally {
      clearTimeout(slow);
    }
  }

  #tell(done: number, total: number): void {
    this.#progress = { done, total };
    const now = performance.now();
    if (now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    const { context } = this.#options;
    const { id, room, user, username } = this.#task;
    const by = { id: user, username };
    const frame = JSON.stringify({ type: "signal", room, by, kind: "progress", task: { id, done, total } });
    // Progress may be lost: the next one tells more, and the end is an event.
    context.broker.publishSignal(room, frame).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { context, leaseMs } = this.#options;
    const asked = performance.now();
    try {
      const isOurs = await context.store.tasks.renew(this.#lease, this.#progress, leaseMs);
      if (!isOurs) return this.#ending.abort(new LeaseLost());
      this.#renewedAt = asked;
    } catch {
      // Without the store nobody else takes the task either; then the end is refused.
      if (asked - this.#renewedAt > leaseMs) this.#ending.abort(new LeaseLost());
    }
  }

  async #finish(
    state: TaskEnd["state"],
    { note, result }: Pick<Outcome, "note"> & { result: Outcome["result"] | null },
  ) {
    const { context, keptMs } = this.#options;
    const end = { state, result, note: note.slice(0, NOTE_MAX), ...this.#progress };
    if (!(await context.store.tasks.finish(this.#lease, end, keptMs))) return null;
    return { ...this.#task, ...end, finishedAt: new Date() };
  }

  async #failed(error: unknown): Promise<TaskRecord | null> {
    const { context, leaving } = this.#options;
    const { id, name, attempt, createdAt } = this.#task;
    const { tasks } = context.store;
    if (error instanceof LeaseLost) return null;
    if (error instanceof TaskRefused) return await this.#finish("failed", { note: error.message, result: null });
    if (error instanceof ProtocolError && error.retryAfterMs === undefined)
      return await this.#finish("failed", { note: error.message, result: null });
    if (leaving.aborted) {
      await tasks.release(this.#lease, 0, false);
      return null;
    }
    const isAway = isUnavailable(error) || error instanceof BrokerUnavailable || error instanceof ProtocolError;
    if (isAway && Date.now() - createdAt.getTime() > GIVE_UP_MS)
      return await this.#finish("failed", { note: "it could not be done within an hour; try again", result: null });
    if (!isAway) context.log.error({ err: error, task: id, name, attempt }, "a task has failed");
    if (!isAway && attempt >= ATTEMPTS_MAX)
      return await this.#finish("failed", { note: "it failed; the operator finds why in the log", result: null });
    await tasks.release(this.#lease, isAway ? AWAY_MS : RETRY_MS * 4 ** attempt, !isAway);
    return null;
  }
}

/** What does not listen to the signal is left alone. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  work.catch(() => undefined);
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
  });
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  return await Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", leave));
}
