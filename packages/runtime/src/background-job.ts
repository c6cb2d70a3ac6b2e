import { type Loop, pause, runLoop } from "./retry.ts";

export interface BackgroundJobOptions {
  /** One step. `signal` aborts when the job is closed. Returns whether there is more to do at once. */
  readonly work: (signal: AbortSignal) => Promise<boolean>;
  /** Hears what a step has thrown. The next round repeats the step. */
  readonly failed: (error: unknown) => void;
  /** Between two steps, and between two rounds when there is nothing to do. */
  readonly stepPauseMs: number;
  readonly roundPauseMs: number;
}

/**
 * Work beside the requests: step after step, with pauses. It begins within one round's pause at random, so that processes that start
 * together do not work together, and does not keep the process alive.
 */
export class BackgroundJob implements Loop {
  readonly #options: BackgroundJobOptions;
  #closing = new AbortController();
  #ended: Promise<void>;

  constructor(options: BackgroundJobOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  get isDone(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Resolves when the step in progress has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  /** Begins again after a `close` that has resolved. */
  reopen(): void {
    this.#closing = new AbortController();
    this.#ended = this.#run();
  }

  async step(): Promise<void> {
    const { work, stepPauseMs, roundPauseMs } = this.#options;
    const isMore = await work(this.#closing.signal);
    await this.#rest(isMore ? stepPauseMs : roundPauseMs);
  }

  async recover(error: unknown): Promise<void> {
    this.#options.failed(error);
    await this.#rest(this.#options.roundPauseMs);
  }

  async #run(): Promise<void> {
    await this.#rest(this.#options.roundPauseMs * Math.random());
    await runLoop(this);
  }

  #rest(ms: number): Promise<void> {
    return pause(ms, this.#closing.signal, false);
  }
}
