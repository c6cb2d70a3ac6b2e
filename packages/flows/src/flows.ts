import { BrokerUnavailable } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { backoffMs, type Loop, type LoopRole, type Metrics, pause, startLoop } from "@hubbub/runtime";
import { isUnavailable, type RoomModel, type StandingQuery } from "@hubbub/store";
import { type FlowContext, LeaseEnded } from "./flow-context.ts";
import { SourceFlow } from "./source-flow.ts";

/** Time between two looks at the heads of the sources: the most that an event waits to be seen. */
const POLL_MS = 50;
/** Time between two looks for queries and sources, and between two renewals. */
const LOOK_MS = 1_000;
/** A process that dies is replaced within this. */
const LEASE_MS = 5_000;
/** Queries that nobody has wanted for this long are deleted with their rooms. */
const KEPT_MS = 7 * 86_400_000;
const FORGET_EVERY_MS = 60_000;
const FORGET_AT_ONCE = 100;
/** Sources of one process, and how many it takes in one look: processes that start together share them. */
const SOURCES_MAX = 1_000;
const SOURCES_AT_ONCE = 50;
/** Standing queries that one process loads, of one source or of all together: sources beyond it wait for another process. */
const QUERIES_MAX = 5_000;

export interface FlowsOptions extends Omit<FlowContext, "evaluated"> {
  /** Unique among all processes of the cluster. */
  readonly owner: string;
  readonly metrics: Metrics;
  /** Default: `QUERIES_MAX`. */
  readonly queriesMax?: number | undefined;
}

/** Starts evaluating standing queries, of the sources that no other process has. */
export function createFlows(options: FlowsOptions): LoopRole {
  return startLoop(new Flows(options));
}

/** A source, and what it should do next. One step of its work runs at a time. */
interface Held {
  readonly flow: SourceFlow;
  work: Promise<void> | null;
  attempt: number;
  /** As last seen, until the source has them. */
  wanted: { readonly queries: readonly StandingQuery[]; readonly model: RoomModel | null } | null;
  head: number;
}

class Flows implements Loop {
  readonly #options: FlowsOptions;
  readonly #context: FlowContext;
  readonly #ending = new AbortController();
  readonly #held = new Map<RoomId, Held>();
  #renewedAt = Number.NEGATIVE_INFINITY;
  #forgotAt = Number.NEGATIVE_INFINITY;
  #isDone = false;
  #attempt = 0;
  /** As last loaded. */
  #queries = 0;

  constructor(options: FlowsOptions) {
    this.#options = options;
    const { metrics } = options;
    const sum = (of: (flow: SourceFlow) => number) =>
      [...this.#held.values()].reduce((all, { flow }) => all + of(flow), 0);
    metrics.gauge("flow_sources", "Rooms whose standing queries this process evaluates", () => this.#held.size);
    metrics.gauge("flow_queries", "Standing queries that this process evaluates", () => sum(({ queries }) => queries));
    const outputs = metrics.counter("flow_outputs_total", "Events written into derived rooms");
    this.#context = { ...options, evaluated: (count) => outputs.inc(count) };
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  end(): void {
    this.#ending.abort();
  }

  async step(): Promise<void> {
    if (this.#ending.signal.aborted) return await this.#leave();
    if (performance.now() - this.#renewedAt >= LOOK_MS) await this.#look();
    await this.#poll();
    this.#attempt = 0;
    await pause(POLL_MS, this.#ending.signal);
  }

  /** Queries may lag, messages go on. What cannot be renewed is given up by itself: see `#isFresh`. */
  async recover(error: unknown): Promise<void> {
    const { log } = this.#options;
    const isAway = isUnavailable(error) || error instanceof BrokerUnavailable;
    if (this.#ending.signal.aborted) this.#isDone = true;
    else if (!isAway) log.error({ err: error }, "standing queries cannot go on, they are tried again");
    else if (this.#attempt === 0) log.warn({ err: error }, "standing queries wait for Redis or Postgres");
    await pause(backoffMs(this.#attempt++), this.#ending.signal);
  }

  get #max(): number {
    return this.#options.queriesMax ?? QUERIES_MAX;
  }

  #isFresh(): boolean {
    return performance.now() - this.#renewedAt < LEASE_MS;
  }

  async #look(): Promise<void> {
    const { store, owner } = this.#options;
    const asked = performance.now();
    const leases = [...this.#held.values()].map(({ flow }) => flow.lease);
    const kept = await store.flows.renew(owner, leases, LEASE_MS);
    for (const { source } of leases) if (!kept.has(source)) this.#giveUp(source);
    const room = Math.min(SOURCES_AT_ONCE, SOURCES_MAX - this.#held.size);
    const taken =
      room <= 0
        ? []
        : await store.flows.acquire(owner, { sources: room, queries: this.#max - this.#queries }, LEASE_MS);
    this.#renewedAt = asked;
    for (const lease of taken) {
      this.#options.log.info({ room: lease.source, fence: lease.token }, "source taken");
      this.#giveUp(lease.source);
      const flow = new SourceFlow(this.#context, lease, () => this.#isFresh());
      this.#held.set(lease.source, { flow, work: null, attempt: 0, wanted: null, head: 0 });
    }
    await this.#setQueries();
    if (asked - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = asked;
    await store.flows.forget(new Date(Date.now() - KEPT_MS), FORGET_AT_ONCE);
  }

  #giveUp(source: RoomId): void {
    this.#held.get(source)?.flow.end();
    this.#held.delete(source);
  }

  async #setQueries(): Promise<void> {
    const { store, owner } = this.#options;
    const sources = [...this.#held.keys()];
    this.#queries = 0;
    if (sources.length === 0) return;
    const [queries, models] = await Promise.all([
      store.flows.queriesOf(sources, this.#max),
      store.flows.models(sources),
    ]);
    this.#queries = queries.length;
    for (const [source, held] of this.#held) {
      const own = queries.filter((query) => query.source === source);
      if (own.length === 0) {
        // Nobody wants them, or they do not fit. The position must not pass what they have not seen. Under way, the lease runs out.
        this.#giveUp(source);
        if (held.work === null) await store.flows.release(owner, [held.flow.lease]);
        continue;
      }
      held.wanted = { queries: own, model: models.get(source) ?? null };
      this.#work(held);
    }
  }

  /** Embedded, nothing is derived from what a crash could take back. */
  async #poll(): Promise<void> {
    const { broker } = this.#options;
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    const heads = await broker.heads(held.map(({ flow }) => flow.source));
    for (const [at, one] of held.entries()) {
      const head = heads[at];
      one.head = Math.max(one.head, (broker.isAcceptDurable ? head?.durable : head?.seq) ?? 0);
      if (one.head > one.flow.lease.seq) this.#work(one);
    }
  }

  /** One source's trouble holds up no other. */
  #work(held: Held): void {
    if (held.work !== null || held.flow.isEnded) return;
    held.work = this.#step(held)
      .catch((error: unknown) => this.#failed(held, error))
      .finally(() => {
        held.work = null;
      });
  }

  async #step(held: Held): Promise<void> {
    const { wanted, flow } = held;
    held.wanted = null;
    try {
      if (wanted !== null) await flow.setQueries(wanted.queries, wanted.model);
    } catch (error) {
      held.wanted ??= wanted;
      throw error;
    }
    await flow.advance(held.head);
    held.attempt = 0;
  }

  async #failed(held: Held, error: unknown): Promise<void> {
    const { source } = held.flow;
    if (error instanceof LeaseEnded) return this.#giveUp(source);
    const isAway = isUnavailable(error) || error instanceof BrokerUnavailable;
    if (!isAway) this.#options.log.error({ err: error, room: source }, "the queries of a source cannot be evaluated");
    await pause(backoffMs(held.attempt++), this.#ending.signal);
  }

  async #leave(): Promise<void> {
    const held = [...this.#held.values()];
    for (const { flow } of held) flow.end();
    await Promise.all(held.map(({ work }) => work));
    await this.#options.store.flows.release(
      this.#options.owner,
      held.map(({ flow }) => flow.lease),
    );
    this.#isDone = true;
  }
}
