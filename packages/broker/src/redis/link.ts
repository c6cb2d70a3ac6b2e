import { Redis, type RedisOptions } from "ioredis";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import { parseRedisUrl } from "./redis-url.ts";
import { reaching } from "./unavailable.ts";

export interface BrokerLogger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Reconnects after 20 ms, doubling to this. */
const RECONNECT_MAX_MS = 1_000;
const RECONNECT_MIN_MS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that is given up may say goodbye for so long; over a dead network nobody answers. */
const GOODBYE_MS = 250;
/** The same fault of one connection is logged once in so long. */
const LOG_INTERVAL_MS = 10_000;
/** How long a command waits for a connection that is being made, before it is `BrokerUnavailable`. */
const CALL_WAIT_MS = 2_000;

export interface LinkOptions {
  readonly url: string;
  readonly name: string;
  readonly log: BrokerLogger;
  /** The connection is made anew when an answer is overdue by so long. Not for one that blocks. */
  readonly answerTimeoutMs?: number | undefined;
}

/**
 * Never sends a command twice by itself: what was unanswered when the connection broke fails at once, and the caller, who
 * knows whether asking again is safe, asks again.
 */
export function connect({ url, name, log, answerTimeoutMs }: LinkOptions): Redis {
  const target = parseRedisUrl(url);
  const options = {
    connectionName: name,
    protocol: 2 as const,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: GOODBYE_MS,
    socketTimeout: answerTimeoutMs,
    retryStrategy: (times) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(times - 1, 10), RECONNECT_MAX_MS),
    // A master that was demoted refuses all further writes on the old connection.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  } satisfies RedisOptions;
  const redis =
    target.kind === "server" ? new Redis(target.url, options) : new Redis({ ...target.options, ...options });
  const warn = seldom((error: Error) => log.warn({ err: error, connection: name }, "redis connection failed"));
  redis.on("error", warn);
  return redis;
}

/** One connection, with the run id of the server behind it: another run means that numbers may have been lost. */
export class Link implements AsyncDisposable {
  readonly #redis: Redis;
  /** Bounded by the calls under way, each of which waits no longer than it says. */
  readonly #waiting = new Set<{ readonly wake: (run: string) => void; readonly fail: () => void }>();
  #run: string | undefined;
  #isGathering = false;
  #isClosed = false;

  constructor(redis: Redis, log: BrokerLogger) {
    this.#redis = redis;
    const warn = seldom((error: unknown) => log.warn({ err: error }, "redis run id not read"));
    redis.on("close", () => {
      this.#run = undefined;
    });
    redis.on("ready", () => {
      redis.info("server").then(
        (info) => this.#became(runIdOf(info)),
        (error) => {
          warn(error);
          // Connecting again at once would meet the same answer, and every success begins the delays from the start.
          const { stream } = redis;
          setTimeout(() => redis.stream === stream && redis.disconnect(true), RECONNECT_MAX_MS).unref();
        },
      );
    });
  }

  /** The run id, once the connection can be used. @throws BrokerUnavailable after `timeoutMs` */
  async ready(timeoutMs: number): Promise<string> {
    if (this.#run !== undefined) return this.#run;
    if (this.#isClosed) throw new BrokerUnavailable("the connection to the log is closed");
    return await new Promise((resolve, reject) => {
      const waiting = {
        wake: (run: string) => {
          clearTimeout(timer);
          resolve(run);
        },
        fail: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          reject(new BrokerUnavailable("no connection to the log"));
        },
      };
      const timer = setTimeout(waiting.fail, timeoutMs);
      this.#waiting.add(waiting);
    });
  }

  /** Asks once. @throws BrokerUnavailable */
  async call<Answer>(ask: (redis: Redis, run: string) => Promise<Answer>, waitMs = CALL_WAIT_MS): Promise<Answer> {
    const run = this.#run ?? (await this.ready(waitMs));
    this.#gatherWrites();
    return await reaching(ask(this.#redis, run));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#run = undefined;
    for (const { fail } of [...this.#waiting]) fail();
    this.#redis.disconnect();
  }

  /** What is asked within one turn of the loop leaves in one write: one system call here, one wake-up of Redis. */
  #gatherWrites(): void {
    const { stream } = this.#redis;
    if (this.#isGathering || stream === undefined) return;
    this.#isGathering = true;
    stream.cork();
    setImmediate(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  #became(run: string): void {
    if (this.#redis.status !== "ready" || this.#isClosed) return;
    this.#run = run;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { wake } of waiting) wake(run);
  }
}

/** The first call of each `LOG_INTERVAL_MS`; a fault that lasts does not fill the log. */
function seldom<Fault>(tell: (fault: Fault) => void): (fault: Fault) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (fault) => {
    if (performance.now() - toldAt < LOG_INTERVAL_MS) return;
    toldAt = performance.now();
    tell(fault);
  };
}

function runIdOf(info: string): string {
  const run = /^run_id:(\S+)/m.exec(info)?.[1];
  if (run === undefined) throw new Error("INFO of this Redis has no run_id");
  return run;
}
