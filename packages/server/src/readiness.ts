import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Parts } from "./parts.ts";
import type { ROLES } from "./settings.ts";

type Role = (typeof ROLES)[number];

const PING_TIMEOUT_MS = 2_000;
/** Log and store are asked at most this often, however many ask for readiness. */
const LOOK_INTERVAL_MS = 250;
/** Without anybody asking, so that ages are right. */
const LOOK_ANYHOW_MS = 1_000;
/** A gateway without any way to Redis stays ready for so long: every gateway may have lost it, and another is no better. */
const GATEWAY_ALONE_MS = 10_000;

/** What a process needs, each with the moment since when it is as it is. */
const NAMES = ["log", "deliveries", "store", "directory"] as const;
export type PartName = (typeof NAMES)[number];

interface PartState {
  isUp: boolean;
  /** Monotonic ms. */
  since: number;
}

export interface RunningRole {
  /** What keeps this role from work; empty: nothing. */
  readiness(): readonly string[];
  /** What is wrong and no reason to send traffic elsewhere. */
  troubles?(): readonly string[];
}

export interface ReadinessOptions {
  readonly parts: Pick<Parts, "broker" | "store" | "directory">;
  readonly asked: readonly Role[];
  readonly roles: readonly RunningRole[];
  isDraining(): boolean;
}

export interface Status {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly troubles: readonly string[];
  /** `forMs`: how long it has been up or away. */
  readonly parts: Readonly<Record<PartName, { readonly state: "up" | "away"; readonly forMs: number }>>;
}

/**
 * Readiness by role: what another process of the same role would do better.
 *
 * - gateway: deliveries arrive. When commands pass and deliveries do not, it is deaf and red at once; without either it
 *   is red after 10 s. Never Postgres: chat goes on without it.
 * - api: Postgres.
 * - writer: holds leases or waits for them, as its role says.
 * - embedded: its data directory as well.
 */
export class Readiness implements Disposable {
  readonly #options: ReadinessOptions;
  readonly #states = new Map<PartName, PartState>();
  readonly #timer: NodeJS.Timeout;
  readonly #directory: Promise<number | undefined>;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #look: Promise<void> = Promise.resolve();

  constructor(options: ReadinessOptions) {
    this.#options = options;
    const { directory } = options.parts;
    this.#directory = directory === undefined ? Promise.resolve(undefined) : inodeOf(directory);
    this.#timer = setInterval(() => void this.#fresh(), LOOK_ANYHOW_MS).unref();
  }

  async check(): Promise<readonly string[]> {
    await this.#fresh();
    return this.#reasons();
  }

  async status(): Promise<Status> {
    await this.#fresh();
    const now = performance.now();
    const parts = Object.fromEntries(
      NAMES.map((name) => {
        const { isUp, since } = this.#state(name);
        return [name, { state: isUp ? "up" : "away", forMs: Math.round(now - since) }];
      }),
    ) as Status["parts"];
    const reasons = this.#reasons();
    const troubles = this.#options.roles.flatMap((role) => role.troubles?.() ?? []);
    return { ready: reasons.length === 0, reasons, troubles, parts };
  }

  /** As of the last look, which is at most a second old. */
  get isReady(): boolean {
    return this.#reasons().length === 0;
  }

  /** As of the last look, which is at most a second old. */
  isUp(name: PartName): boolean {
    return this.#state(name).isUp;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  #fresh(): Promise<void> {
    if (performance.now() - this.#lookedAt >= LOOK_INTERVAL_MS) {
      this.#lookedAt = performance.now();
      this.#look = this.#lookNow();
    }
    return this.#look;
  }

  async #lookNow(): Promise<void> {
    const { broker, store, directory } = this.#options.parts;
    const [log, stored, isThere] = await Promise.all([
      answers(broker.ping()),
      answers(store.ping()),
      directory === undefined ? true : this.#directory.then((inode) => isSame(directory, inode)),
    ]);
    this.#set("log", log);
    this.#set("store", stored);
    this.#set("deliveries", broker.isDelivering);
    this.#set("directory", isThere);
  }

  #set(name: PartName, isUp: boolean): void {
    const known = this.#states.get(name);
    if (known?.isUp !== isUp) this.#states.set(name, { isUp, since: performance.now() });
  }

  #state(name: PartName): PartState {
    return this.#states.get(name) ?? { isUp: false, since: performance.now() };
  }

  #reasons(): readonly string[] {
    const { asked, roles, isDraining } = this.#options;
    return [
      ...(isDraining() ? ["draining"] : []),
      ...(asked.includes("gateway") ? this.#gateway() : []),
      ...(asked.includes("api") && !this.#state("store").isUp ? ["Postgres does not answer"] : []),
      ...(this.#state("directory").isUp ? [] : ["the data directory is gone; restart on a restored one"]),
      ...roles.flatMap((role) => role.readiness()),
    ];
  }

  #gateway(): string[] {
    const [log, deliveries] = [this.#state("log"), this.#state("deliveries")];
    if (log.isUp) return deliveries.isUp ? [] : ["no deliveries arrive from Redis"];
    const isLong = performance.now() - log.since >= GATEWAY_ALONE_MS;
    return isLong ? ["Redis does not answer"] : [];
  }
}

async function inodeOf(directory: string): Promise<number | undefined> {
  try {
    await stat(join(directory, "postgres", "PG_VERSION"));
    return (await stat(directory)).ino;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

async function isSame(directory: string, inode: number | undefined): Promise<boolean> {
  return inode !== undefined && (await inodeOf(directory)) === inode;
}

/** Whether a ping comes back in time; its error is the answer here, and no fault of the process. */
async function answers(ping: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PING_TIMEOUT_MS, false);
  });
  const came = ping.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([came, late]);
  clearTimeout(timer);
  return result;
}
