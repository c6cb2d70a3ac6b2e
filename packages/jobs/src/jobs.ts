import { BrokerUnavailable } from "@hubbub/broker";
import { ProtocolError } from "@hubbub/protocol";
import { backoffMs, type Loop, type LoopRole, type Metrics, pause, startLoop } from "@hubbub/runtime";
import { isUnavailable, type TaskRecord } from "@hubbub/store";
import { Attempt } from "./attempt.ts";
import type { JobContext, TaskHandlers } from "./job-context.ts";
import { HANDLERS } from "./registry.ts";
import { tellEnd } from "./tell-end.ts";

/** Between two looks for due tasks: the most that a task waits for a free process. */
const POLL_MS = 250;
/** Tasks at once in this process, and of one user in the cluster. */
const SLOTS = 2;
const RUNNING_PER_USER = 2;
/** A task whose process dies is taken by another one within this. */
const LEASE_MS = 30_000;
const TIMEOUT_MS = 600_000;
const KEPT_MS = 7 * 86_400_000;
/** Ends are told at once. What a process could not tell is told by any process after this. */
const TELL_EVERY_MS = 1_000;
const TELL_AT_ONCE = 100;
const SWEEP_EVERY_MS = 60_000;
const SWEEP_AT_ONCE = 1_000;

export interface JobsOptions extends JobContext {
  /** Unique among all processes of the cluster. */
  readonly owner: string;
  readonly metrics: Metrics;
  /** For tests. */
  readonly handlers?: TaskHandlers;
  readonly leaseMs?: number;
  readonly timeoutMs?: number;
  readonly keptMs?: number;
}

/** Starts working on tasks. */
export function createJobs(options: JobsOptions): LoopRole {
  return startLoop(new Jobs(options));
}

class Jobs implements Loop {
  readonly #options: JobsOptions;
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #ended: (state: string) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #isDone = false;
  #attempt = 0;

  constructor(options: JobsOptions) {
    this.#options = options;
    const { metrics } = options;
    metrics.gauge("task_running", "Tasks that this process works on", () => this.#running.size);
    const ended = metrics.counter("tasks_ended_total", "Tasks that this process has ended, by how", ["state"]);
    this.#ended = (state) => ended.inc({ state });
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  end(): void {
    this.#ending.abort();
  }

  async step(): Promise<void> {
    if (this.#ending.signal.aborted) return await this.#leave();
    await this.#take();
    const now = performance.now();
    if (now - this.#toldAt >= TELL_EVERY_MS) await this.#tellUntold(now);
    if (now - this.#sweptAt >= SWEEP_EVERY_MS) {
      this.#sweptAt = now;
      await this.#options.store.tasks.sweep(SWEEP_AT_ONCE);
    }
    this.#attempt = 0;
    await pause(POLL_MS, this.#ending.signal);
  }

  async recover(error: unknown): Promise<void> {
    const isAway = isUnavailable(error) || error instanceof BrokerUnavailable || error instanceof ProtocolError;
    if (!isAway) this.#options.log.error({ err: error }, "tasks cannot go on, they are tried again");
    else if (this.#attempt === 0) this.#options.log.warn({ err: error }, "tasks wait for Redis or Postgres");
    await pause(backoffMs(this.#attempt++), this.#ending.signal);
  }

  async #take(): Promise<void> {
    const { store, owner, leaseMs = LEASE_MS } = this.#options;
    while (this.#running.size < SLOTS && !this.#ending.signal.aborted) {
      const task = await store.tasks.claim(owner, leaseMs, RUNNING_PER_USER);
      if (task === null) return;
      const work: Promise<void> = this.#work(task).finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
  }

  async #work(task: TaskRecord): Promise<void> {
    const { owner, log, handlers = HANDLERS } = this.#options;
    const { leaseMs = LEASE_MS, timeoutMs = TIMEOUT_MS, keptMs = KEPT_MS } = this.#options;
    const leaving = this.#ending.signal;
    const options = { context: this.#options, handlers, owner, leaseMs, timeoutMs, keptMs, leaving };
    try {
      const ended = await new Attempt(options, task).run();
      if (ended === null) return;
      this.#ended(ended.state);
      await tellEnd(this.#options, ended);
    } catch (error) {
      // The lease ends by itself, and what was not told is told by the next round.
      if (!isUnavailable(error) && !(error instanceof ProtocolError))
        log.error({ err: error, task: task.id }, "a task cannot be ended, it is tried again");
    }
  }

  async #tellUntold(now: number): Promise<void> {
    const { store, log } = this.#options;
    this.#toldAt = now;
    for (const task of await store.tasks.untold(TELL_EVERY_MS, TELL_AT_ONCE)) {
      try {
        await tellEnd(this.#options, task);
      } catch (error) {
        // One room holds up no other.
        log.warn({ err: error, task: task.id }, "a room does not know yet how a task ended");
      }
    }
  }

  async #leave(): Promise<void> {
    await Promise.all(this.#running);
    this.#isDone = true;
  }
}
