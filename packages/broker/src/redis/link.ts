import { Redis } from "ioredis";
import { BrokerUnavailable } from "../broker.ts";
import { reaching } from "./unavailable.ts";

export interface BrokerLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Reconnects after 20 ms, doubling to this. */
const RECONNECT_MAX_MS = 1_000;
const RECONNECT_MIN_MS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a command waits for a connection that is being made, before it is `BrokerUnavailable`. */
const CALL_WAIT_MS = 2_000;

export interface LinkOptions {
  readonly url: string;
  readonly name: string;
  readonly log: BrokerLog;
  /** The connection is made anew when an answer is overdue by so long. Not for one that blocks. */
  readonly answerTimeoutMs?: number | undefined;
}

/**
 * Never sends a command twice by itself: what was unanswered when the connection broke fails at once, and the caller, who
 * knows whether asking again is safe, asks again.
 */
export function connect({ url, name, log, answerTimeoutMs }: LinkOptions): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    protocol: 2,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: answerTimeoutMs,
    retryStrategy: (times) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(times - 1, 10), RECONNECT_MAX_MS),
    // A master that was demoted refuses writes on the old connection for ever.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  redis.on("error", (error) => log.warn({ err: error, connection: name }, "redis connection failed"));
  return redis;
}

/** One connection, with the run id of the server behind it: another run means that numbers may have been lost. */
export class Link implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #waiting = new Set<(run: string) => void>();
  #run: string | undefined;

  constructor(redis: Redis, log: BrokerLog) {
    this.#redis = redis;
    redis.on("close", () => {
      this.#run = undefined;
    });
    redis.on("ready", () => {
      redis.info("server").then(
        (info) => this.#became(runIdOf(info)),
        (error) => {
          log.warn({ err: error }, "redis run id not read");
          if (redis.status === "ready") redis.disconnect(true);
        },
      );
    });
  }

  /** The run id, once the connection can be used. @throws BrokerUnavailable after `timeoutMs` */
  async ready(timeoutMs: number): Promise<string> {
    if (this.#run !== undefined) return this.#run;
    return await new Promise((resolve, reject) => {
      const wake = (run: string) => {
        clearTimeout(timer);
        resolve(run);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(wake);
        reject(new BrokerUnavailable("no connection to the log"));
      }, timeoutMs);
      this.#waiting.add(wake);
    });
  }

  /** Asks once. @throws BrokerUnavailable */
  async call<Answer>(ask: (redis: Redis, run: string) => Promise<Answer>, waitMs = CALL_WAIT_MS): Promise<Answer> {
    const run = await this.ready(waitMs);
    return await reaching(ask(this.#redis, run));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  #became(run: string): void {
    if (this.#redis.status !== "ready") return;
    this.#run = run;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake(run);
  }
}

function runIdOf(info: string): string {
  const run = /^run_id:(\S+)/m.exec(info)?.[1];
  if (run === undefined) throw new Error("INFO of this Redis has no run_id");
  return run;
}
