import { setTimeout as delay } from "node:timers/promises";
import type { NodeState } from "@hubbub/protocol";
import type { Logger } from "@hubbub/runtime";
import type { Nodes } from "@hubbub/store";
import type { LeavingRole } from "./leaving-role.ts";

/** How soon a process learns what operators want, and operators how far it is. */
const LOOK_MS = 2_000;

export interface ZoneWatchOptions {
  readonly nodes: Pick<Nodes, "look">;
  readonly node: string;
  /** undefined: in none, so that it is drained alone or never. */
  readonly zone: string | undefined;
  /** In the order in which they leave. */
  readonly roles: readonly LeavingRole[];
  readonly log: Logger;
  readonly lookMs?: number | undefined;
}

/**
 * Does what operators want of this process: suspends its roles while it or its zone is drained, and moves connections. While Postgres is
 * away the last known order holds.
 */
export class ZoneWatch implements LeavingRole {
  readonly #options: ZoneWatchOptions;
  readonly #stopping = new AbortController();
  #state: NodeState = "serving";
  #isDrained = false;
  #isAlone = false;
  #suspending = new AbortController();
  readonly #suspended = new Set<LeavingRole>();
  /** Suspensions and resumptions, one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: ZoneWatchOptions) {
    this.#options = options;
  }

  /** Resolves after the first look: a process of a drained zone begins suspended. */
  async start(): Promise<void> {
    await this.#look();
    void this.#repeat();
  }

  readiness(): string[] {
    if (!this.#isDrained) return [];
    return [this.#isAlone ? "this process is drained" : `zone ${this.#options.zone} is drained`];
  }

  /** The roles leave for good from here on. */
  async drain(): Promise<void> {
    this.#stopping.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(this.#options.lookMs ?? LOOK_MS, undefined, { ref: false, signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { nodes, node, zone = "", roles, log } = this.#options;
    const departures = roles.find((role) => role.departures !== undefined)?.departures;
    const { connections = 0, moving = 0 } = departures ?? {};
    try {
      const {
        isDrained,
        isAlone = false,
        moves,
      } = await nodes.look(node, zone, { state: this.#state, connections, moving });
      if (this.#stopping.signal.aborted) return;
      this.#isAlone = isAlone;
      if (isDrained !== this.#isDrained) this.#turn(isDrained);
      if (moves > 0 && !isDrained) void departures?.move(moves, this.#stopping.signal);
    } catch (error) {
      log.debug({ err: error }, "cannot ask what operators want; the last known order holds");
    }
  }

  #turn(isDrained: boolean): void {
    const { zone, log } = this.#options;
    const drained = this.#isAlone ? "this process is drained: it" : "the zone is drained: this process";
    log.info({ zone }, isDrained ? `${drained} gives up its work` : "this process serves again");
    this.#isDrained = isDrained;
    this.#suspending.abort();
    this.#suspending = new AbortController();
    const signal = AbortSignal.any([this.#suspending.signal, this.#stopping.signal]);
    if (isDrained) this.#state = "draining";
    this.#work = this.#work.then(() => (isDrained ? this.#suspend(signal) : this.#resume()));
    this.#work = this.#work.catch((error: unknown) =>
      log.error({ err: error, zone }, "the drain of a zone failed here"),
    );
  }

  async #suspend(signal: AbortSignal): Promise<void> {
    for (const role of this.#options.roles) {
      if (signal.aborted) return;
      this.#suspended.add(role);
      await role.suspend?.(signal);
    }
    if (!signal.aborted) this.#state = "drained";
  }

  async #resume(): Promise<void> {
    for (const role of this.#suspended) {
      if (this.#stopping.signal.aborted) return;
      await role.resume?.();
      this.#suspended.delete(role);
    }
    if (!this.#isDrained) this.#state = "serving";
  }
}
