import type { Redis, RedisOptions } from "ioredis";
import { type BrokerLogger, seldom } from "../broker-logger.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import { openRedis } from "./redis-url.ts";
import { withBrokerErrors } from "./unavailable.ts";

/** Upper bound of the reconnect delay, which doubles from `RECONNECT_MIN_MS`. */
const RECONNECT_MAX_MS = 1_000;
const RECONNECT_MIN_MS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a closing connection may take for an orderly end; a dead network does not answer. */
const GOODBYE_MS = 250;
/** How long a command waits for a connection before it fails with `BrokerUnavailable`. */
const CALL_WAIT_MS = 2_000;

export interface LinkOptions {
  readonly url: string;
  readonly name: string;
  readonly log: BrokerLogger;
  /** A connection whose answer is overdue by this time is replaced. Must exceed the longest blocking read. */
  readonly answerTimeoutMs?: number | undefined;
}

/**
 * Never repeats a command by itself. Unanswered commands fail at once when the connection breaks; the caller knows whether a
 * retry is safe.
 */
export function connect({ url, name, log, answerTimeoutMs }: LinkOptions): Redis {
  const options = {
    connectionName: name,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: GOODBYE_MS,
    socketTimeout: answerTimeoutMs,
    retryStrategy: (times) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(times - 1, 10), RECONNECT_MAX_MS),
    // A demoted master refuses all further writes on the old connection.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  } satisfies RedisOptions;
  const redis = openRedis(url, options);
  const warn = seldom((error: Error) => log.warn({ err: error, connection: name }, "redis connection failed"));
  redis.on("error", warn);
  return redis;
}

/** One connection, with the run id of its server. Another run id means that numbers may have been lost. */
export class Link implements AsyncDisposable {
  /** true: Redis is a Cluster, where a call may use keys of one slot only. Set before the first call runs. */
  isCluster = false;
  readonly #redis: Redis;
  /** Bounded by the calls under way; each has a timeout. */
  readonly #waiting = new Set<(run: string | null) => void>();
  #run: string | undefined;
  #isClosed = false;

  constructor(redis: Redis, log: BrokerLogger) {
    this.#redis = redis;
    const warn = seldom((error: unknown) => log.warn({ err: error }, "redis run id not read"));
    redis.on("close", () => {
      this.#run = undefined;
    });
    redis.on("ready", () => {
      redis.info("server").then(
        (info) => this.#identified(info),
        (error) => {
          warn(error);
          // An immediate reconnect would get the same answer, because every successful connect resets the delay.
          const { stream } = redis;
          setTimeout(() => redis.stream === stream && redis.disconnect(true), RECONNECT_MAX_MS).unref();
        },
      );
    });
  }

  /** Calls `ask` once, without retries. @throws BrokerUnavailable */
  async call<Answer>(ask: (redis: Redis, run: string) => Promise<Answer>, waitMs = CALL_WAIT_MS): Promise<Answer> {
    const run = this.#run ?? (await this.#ready(waitMs));
    return await withBrokerErrors(ask(this.#redis, run));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#run = undefined;
    for (const wake of [...this.#waiting]) wake(null);
    this.#redis.disconnect();
  }

  /** Resolves to the run id when the connection is usable. @throws BrokerUnavailable after `timeoutMs` */
  async #ready(timeoutMs: number): Promise<string> {
    if (this.#isClosed) throw new BrokerUnavailable("the connection to the log is closed");
    const run = await new Promise<string | null>((resolve) => {
      const wake = (run: string | null) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(run);
      };
      const timer = setTimeout(wake, timeoutMs, null);
      this.#waiting.add(wake);
    });
    if (run === null) throw new BrokerUnavailable("no connection to the log");
    return run;
  }

  #identified(info: string): void {
    if (this.#redis.status !== "ready" || this.#isClosed) return;
    const run = runIdOf(info);
    this.isCluster = /^redis_mode:cluster/m.test(info);
    this.#run = run;
    for (const wake of [...this.#waiting]) wake(run);
  }
}

function runIdOf(info: string): string {
  const run = /^run_id:(\S+)/m.exec(info)?.[1];
  if (run === undefined) throw new Error("INFO of this Redis has no run_id");
  return run;
}
