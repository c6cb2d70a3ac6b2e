import { BrokerUnavailable } from "@hubbub/broker";
import { backoffMs, pause } from "@hubbub/runtime";
import { isUnavailable, LeaseLost } from "@hubbub/store";
import type { WriterContext } from "../settings.ts";

type Trouble = "store" | "log" | "restored";

const RESTORED = "the database is older than the log remembers: run `hubbub adopt`";

/**
 * Committed events are neither in the store nor in the log any more. Writing on would hide the loss and reuse their
 * numbers.
 */
export class StoreIsOlder extends Error {
  override readonly name = "StoreIsOlder";

  constructor() {
    super(RESTORED);
  }
}

/** SQLSTATEs, by class, that no row causes: of sign-in, rights, missing tables, and prepared statements that are stale or gone. */
const NOT_OF_ROWS: ReadonlySet<string> = new Set(["0A", "25", "26", "28", "3D", "3F", "42"]);
/** Messages of `pg` without a code: the connection is refused, or out of step. */
const OF_CONNECTION = /SSL connection|^SASL: |^Received unexpected /;

/** Whether the store may stand elsewhere than the writer believes. */
export function isStoreInDoubt(error: unknown): boolean {
  if (error instanceof BrokerUnavailable) return false;
  return error instanceof LeaseLost || error instanceof StoreIsOlder || isUnavailable(error) || isFaultOfStore(error);
}

/** A code that is no SQLSTATE is of a connection, for example that a certificate has expired. */
function isFaultOfStore(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false;
  if (!("code" in error) || typeof error.code !== "string") return OF_CONNECTION.test(error.message);
  return error.code.length !== 5 || NOT_OF_ROWS.has(error.code.slice(0, 2));
}

/** Neither an outage nor a lost lease: a bug, or rows that the store refuses. */
export function isRefusal(error: unknown): boolean {
  return !isStoreInDoubt(error) && !(error instanceof BrokerUnavailable);
}

export interface OutageOptions {
  readonly context: WriterContext;
  readonly shard: number;
  /** Aborts when the writer leaves. */
  readonly finishing: AbortSignal;
  readonly ending: AbortController;
}

/** What the writer of a shard waits for, from the first failed call to the first that succeeds. */
export class Outage {
  readonly #options: OutageOptions;
  #trouble: Trouble | null = null;
  #attempt = 0;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** What the writer waits for, as text for an operator. */
  get trouble(): string | null {
    return this.#trouble === null || this.#trouble === "restored" ? this.refusal : `${this.#trouble} is away`;
  }

  /** Why the writer must not store anything until an operator acts. */
  get refusal(): string | null {
    return this.#trouble === "restored" ? RESTORED : null;
  }

  get isOfLog(): boolean {
    return this.#trouble === "log";
  }

  /**
   * Waits before the next attempt; not for a lost lease. A leaving writer does not wait for the store: the log keeps
   * what is not committed, and the lease expires.
   */
  async wait(error: unknown): Promise<void> {
    if (error instanceof LeaseLost) return;
    const { context, shard, finishing, ending } = this.#options;
    const trouble = troubleOf(error);
    const message = trouble === "restored" ? RESTORED : `${trouble} is away, waiting`;
    if (this.#trouble !== trouble) context.logger.warn({ shard, err: error }, message);
    this.#trouble = trouble;
    context.meters.retries.inc({ cause: trouble });
    const isLeaving = finishing.aborted;
    if (isLeaving && trouble !== "log") ending.abort();
    else await pause(backoffMs(this.#attempt++), isLeaving ? ending.signal : finishing);
  }

  /** Both the store and the log have answered. */
  clear(): void {
    if (this.#trouble !== null) {
      const message = this.#trouble === "restored" ? "the store is as new as the log" : `${this.#trouble} is back`;
      this.#options.context.logger.info({ shard: this.#options.shard }, message);
    }
    this.#trouble = null;
    this.#attempt = 0;
  }
}

/** A refusal without a row to blame is trouble of the store: the shard waits, and its log keeps everything. */
function troubleOf(error: unknown): Trouble {
  if (error instanceof StoreIsOlder) return "restored";
  return error instanceof BrokerUnavailable ? "log" : "store";
}
