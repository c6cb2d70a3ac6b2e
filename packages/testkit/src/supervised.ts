import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./services/service.ts";
import type { Exit } from "./services/service-process.ts";

const firstDelayMs = 500;
const maxDelayMs = 10_000;
/** One that lived this long has recovered: its next fall is a first one. */
const healthyLifeMs = 30_000;

export type SupervisionEvent =
  | { readonly type: "died"; readonly name: string; readonly exit: Exit; readonly restartInMs: number }
  | { readonly type: "restarted"; readonly name: string; readonly pid: number }
  | { readonly type: "restart-failed"; readonly name: string; readonly error: unknown; readonly restartInMs: number };

/** A process that is started again when it dies, at the same port. */
export interface ClusterProcess {
  readonly name: string;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Of the present run. */
  readonly pid: number;
  /** How often it was started again. */
  readonly restarts: number;
  /** The end of what the present run wrote. */
  readonly output: string;
  /** Ends it, SIGKILL by default, and waits for the end; the supervisor brings it back. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it, SIGTERM by default, and does not start it again before `release`. */
  hold(signal?: NodeJS.Signals): Promise<void>;
  release(): void;
  pause(): Promise<void>;
  continue(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Starts `service` again whenever it ends, until it is stopped through the answer. Never gives up, at a bounded pace. */
export function supervise(
  service: Service,
  onEvent: (event: SupervisionEvent) => void,
): ClusterProcess & AsyncDisposable {
  return new Supervised(service, onEvent);
}

class Supervised implements ClusterProcess, AsyncDisposable {
  restarts = 0;
  readonly #service: Service;
  readonly #onEvent: (event: SupervisionEvent) => void;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #held: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  constructor(service: Service, onEvent: (event: SupervisionEvent) => void) {
    this.#service = service;
    this.#onEvent = onEvent;
    this.#watching = this.#watch();
  }

  get name(): string {
    return this.#service.name;
  }

  get port(): number {
    return this.#service.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#service.pid;
  }

  get output(): string {
    return this.#service.output;
  }

  kill(signal?: NodeJS.Signals): Promise<void> {
    return this.#service.kill(signal);
  }

  async hold(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    this.#held ??= { promise, resolve };
    await this.#service.kill(signal);
  }

  release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  pause(): Promise<void> {
    return this.#service.pause();
  }

  continue(): Promise<void> {
    return this.#service.continue();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.release();
    await this.#service.stop();
    await this.#watching;
    // A restart may have been under way when the first stop found nothing to stop.
    await this.#service.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    const { name } = this.#service;
    let delayMs = firstDelayMs;
    for (;;) {
      const upSince = performance.now();
      const exit = await this.#service.exited;
      if (signal.aborted) return;
      if (performance.now() - upSince > healthyLifeMs) delayMs = firstDelayMs;
      this.#onEvent({ type: "died", name, exit, restartInMs: delayMs });
      for (;;) {
        const failure = await this.#restartAfter(delayMs);
        if (signal.aborted) return;
        delayMs = Math.min(delayMs * 2, maxDelayMs);
        if (failure === null) break;
        this.#onEvent({ type: "restart-failed", name, error: failure.error, restartInMs: delayMs });
      }
      this.restarts += 1;
      this.#onEvent({ type: "restarted", name, pid: this.pid });
    }
  }

  /** Null when it is up again. */
  #restartAfter(delayMs: number): Promise<{ error: unknown } | null> {
    const { signal } = this.#stopping;
    return sleep(delayMs, undefined, { signal })
      .then(() => this.#held?.promise)
      .then(() => {
        signal.throwIfAborted();
        return this.#service.restart();
      })
      .then(
        () => null,
        (error: unknown) => ({ error }),
      );
  }
}
