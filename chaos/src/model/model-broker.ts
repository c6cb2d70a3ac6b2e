import {
  type AcceptRequest,
  type AcceptResult,
  type Broker,
  type BrokerListener,
  BrokerUnavailable,
  type DurableMark,
  type NumberedEvent,
  type Presence,
  type Revocations,
  type RoomHead,
  type ShardLog,
  type Spending,
  type TailEvent,
} from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { Deliveries } from "./deliveries.ts";
import type { ModelLog } from "./model-log.ts";
import type { ModelProcess } from "./model-process.ts";

const RETRY_MS = 20;
const ACCEPT_TIMEOUT_MS = 600;
const CALL_WAIT_MS = 300;
const EPOCH_JUMP = 1_000;

/**
 * The log as one process sees it over a network that delays, cuts and loses answers. Where a call is repeated and where
 * it fails is as in the broker for Redis.
 */
export class ModelBroker implements Broker {
  readonly shards = 1;
  readonly epochJump = EPOCH_JUMP;
  readonly isAcceptDurable = false;
  readonly isDelivering = true;
  readonly presence = nobody;
  readonly revocations = nothingRevoked;
  readonly spending = nothingSpent;
  readonly turns = { take: async () => 0 };
  readonly deliveries: Deliveries;
  readonly #log: ModelLog;
  readonly #process: ModelProcess;
  /** Answers of accepts that will be lost on their way. */
  answersToLose = 0;

  constructor(log: ModelLog, process: ModelProcess) {
    this.#log = log;
    this.#process = process;
    this.deliveries = new Deliveries(log, process);
  }

  /** As `acceptBatch`: the same batch again until there is an answer, but never to another run. */
  async accept(_shard: number, batch: readonly AcceptRequest[]): Promise<readonly AcceptResult[]> {
    const until = performance.now() + ACCEPT_TIMEOUT_MS;
    let askedRun: number | undefined;
    for (;;) {
      const answer = await this.#ask((): readonly AcceptResult[] => {
        askedRun ??= this.#log.run;
        if (askedRun !== this.#log.run) return batch.map(() => ({ state: "uninitialised", head: 0 }));
        return this.#log.accept(batch);
      });
      const isLost = answer !== null && this.answersToLose > 0;
      if (isLost) this.answersToLose -= 1;
      if (answer !== null && !isLost) return answer.value;
      if (performance.now() + RETRY_MS >= until) throw new BrokerUnavailable("no answer of the log");
      await this.#pause(RETRY_MS);
    }
  }

  async initialise(room: RoomId, start: { epoch: number; head: number; seen?: number | undefined }): Promise<RoomHead> {
    return await this.#call(() => this.#log.initialise(room, { ...start, seen: start.seen ?? 0 }));
  }

  async remember(room: RoomId, events: readonly NumberedEvent[]): Promise<void> {
    await this.#call(() => this.#log.remember(room, events));
  }

  listen(listener: BrokerListener): void {
    this.deliveries.listen(listener);
  }

  async subscribe(room: RoomId): Promise<void> {
    await this.#call(() => this.deliveries.subscribe(room));
  }

  async unsubscribe(room: RoomId): Promise<void> {
    await this.#call(() => this.deliveries.unsubscribe(room));
  }

  async tail(room: RoomId, after: number, limit: number): Promise<readonly TailEvent[]> {
    return await this.#call(() => this.#log.state.tail(room, after, limit));
  }

  async heads(rooms: readonly RoomId[]): Promise<readonly (RoomHead | null)[]> {
    return rooms.length === 0 ? [] : await this.#call(() => this.#log.state.heads(rooms));
  }

  async logStart(): Promise<string> {
    return await this.#call(() => this.#log.state.start(this.#log.run));
  }

  async openLog(): Promise<ShardLog> {
    return {
      read: async (after, count, blockMs) => {
        const read = () => this.#log.state.read(after, count, this.#log.run);
        const there = await this.#call(read);
        if (there.length > 0 || blockMs <= 0) return there;
        await this.#log.untilAppended(blockMs);
        return await this.#call(read);
      },
      trim: (committed) => this.#call(() => this.#log.trim(committed)),
      // The model's store falls back no further than its log can replay.
      missing: async () => 0,
      lag: (after) => this.#call(() => this.#log.state.lag(after, this.#log.run)),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  /** The model has no deletions. */
  async forget(): Promise<readonly RoomId[]> {
    return [];
  }

  async publishMarks(_shard: number, marks: readonly DurableMark[]): Promise<void> {
    if (marks.length > 0) await this.#call(() => this.#log.mark(marks));
  }

  async publishSignal(): Promise<void> {
    // Signals are not in the model.
  }

  async publishControl(): Promise<void> {
    // Nobody is removed in the model.
  }

  async ping(): Promise<void> {
    await this.#call(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
  }

  /** Asked once. @throws BrokerUnavailable when there is no connection for a while, or the answer was lost with it */
  async #call<Answer>(act: () => Answer): Promise<Answer> {
    const until = performance.now() + CALL_WAIT_MS;
    while (!this.#log.isUp) {
      if (performance.now() >= until) throw new BrokerUnavailable("no connection to the log");
      await this.#pause(RETRY_MS);
    }
    const answer = await this.#ask(act);
    if (answer === null) throw new BrokerUnavailable("the connection to the log was lost");
    return answer.value;
  }

  /** null: it was not there, or went away before it had answered; what was asked may have been done. */
  async #ask<Answer>(act: () => Answer): Promise<{ readonly value: Answer } | null> {
    const { run } = this.#log;
    await this.#process.travel();
    if (!this.#log.isUp || this.#log.run !== run) return null;
    const value = act();
    await this.#process.travel();
    return this.#log.isUp && this.#log.run === run ? { value } : null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const nobody: Presence = {
  figures: {
    tell: async () => undefined,
    told: async () => [],
    drop: async () => undefined,
    answer: async () => undefined,
    answers: async (_question, nodes) => nodes.map(() => null),
  },
  renew: async () => undefined,
  set: async () => undefined,
  active: async () => undefined,
  drop: async () => undefined,
  activeAt: async (users) => users.map(() => undefined),
  online: async (users) => users.map(() => false),
  nodes: async () => [],
};

const nothingSpent: Spending = { add: async (spent) => ({ leftMs: 0, sums: spent.map(() => 0) }) };

const nothingRevoked: Revocations = { add: async () => undefined, has: async () => false };
