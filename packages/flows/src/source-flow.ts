import type { TailEvent } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import { createPredicateIndex, type Expr, type PredicateIndex } from "@hubbub/query";
import type { FlowLease, RoomModel, StandingQuery } from "@hubbub/store";
import type { FlowContext } from "./flow-context.ts";
import { endedOutput, foundOutput, type Output, runningOutput } from "./output.ts";
import { type RecordReader, recordReader } from "./records.ts";
import { writeOutputs } from "./writer.ts";

/** Events of the source in one read. */
const PAGE = 200;
/** Bytes of outputs that wait before they are written. */
const OUTPUT_BYTES = 1_048_576;
const MODEL_CHANGED = "the model of the source has changed";

/** A query that is evaluated. Events of the source up to `after` are in its room already, as far as they match. */
interface Running {
  readonly query: StandingQuery;
  readonly after: number;
}

/**
 * Evaluates the standing queries of one source, event by event, in the order of the source. The position moves only when everything up to
 * it is in the derived rooms. Each derived event names the event of the source it is from, so that a new owner goes on exactly there.
 */
export class SourceFlow {
  readonly source: RoomId;
  readonly token: number;
  readonly #context: FlowContext;
  readonly #ending = new AbortController();
  readonly #isFresh: () => boolean;
  #position: number;
  #reader: RecordReader | null = null;
  readonly #running = new Map<RoomId, Running>();
  #index: PredicateIndex<RoomId> = createPredicateIndex();

  constructor(context: FlowContext, lease: FlowLease, isFresh: () => boolean) {
    this.#context = context;
    this.source = lease.source;
    this.token = lease.token;
    this.#position = lease.seq;
    this.#isFresh = isFresh;
  }

  get lease(): FlowLease {
    return { source: this.source, token: this.token, seq: this.#position };
  }

  get queries(): number {
    return this.#running.size;
  }

  get isEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  end(): void {
    this.#ending.abort();
  }

  /** Starts and ends queries, as they are wanted now. */
  async setQueries(queries: readonly StandingQuery[], model: RoomModel | null): Promise<void> {
    await this.#setModel(model);
    const wanted = new Map(
      queries.filter(({ modelVersion }) => modelVersion === this.#version).map((q) => [q.room, q]),
    );
    for (const { query } of [...this.#running.values()]) {
      if (wanted.get(query.room)?.since !== query.since) this.#drop(query.room);
    }
    const added = [...wanted.values()].filter(({ room }) => !this.#running.has(room));
    if (this.#running.size === 0 && added.every(isNew)) this.#skipTo(Math.min(...added.map(({ since }) => since)));
    for (const query of added) await this.#start(query);
  }

  /** Evaluates the events of the source up to `head`. */
  async advance(head: number): Promise<void> {
    while (this.#position < head && !this.isEnded) {
      const { events, to } = await this.#context.history.after(this.source, this.#position, head, PAGE);
      await this.#evaluate(events, this.#index, (seq) => (this.#position = seq));
      this.#position = to;
    }
  }

  get #version(): number {
    return this.#reader?.version ?? 0;
  }

  async #setModel(model: RoomModel | null): Promise<void> {
    if (this.#reader !== null && this.#reader.version === (model?.version ?? 0)) return;
    const ended = [...this.#running.keys()].map((room) => endedOutput(room, this.#position, MODEL_CHANGED));
    await this.#write(ended);
    for (const { room } of ended) this.#drop(room);
    this.#reader = recordReader(model);
  }

  #drop(room: RoomId): void {
    this.#running.delete(room);
    this.#index.delete(room);
  }

  #skipTo(since: number): void {
    if (Number.isFinite(since)) this.#position = Math.max(this.#position, since);
  }

  /** A new query first catches up with the others. */
  async #start(query: StandingQuery): Promise<void> {
    const { room, since } = query;
    const after = Math.max(since, await this.#lastFound(room));
    this.#running.set(room, { query, after });
    try {
      if (isNew(query)) await this.#begin(query, after);
    } catch (error) {
      // It does not run: the next try begins it anew.
      this.#drop(room);
      throw error;
    }
    if (this.#running.has(room)) this.#index.set(room, query.filter as Expr);
  }

  async #begin(query: StandingQuery, after: number): Promise<void> {
    await this.#write([runningOutput(query.room, query.since)]);
    await this.#catchUp(query, after);
    await this.#context.store.flows.told(query.room, query.since);
  }

  async #catchUp(query: StandingQuery, after: number): Promise<void> {
    const alone = createPredicateIndex<RoomId>();
    alone.set(query.room, query.filter as Expr);
    for (let at = after; at < this.#position && !this.isEnded; ) {
      const { events, to } = await this.#context.history.after(this.source, at, this.#position, PAGE);
      await this.#evaluate(events, alone);
      at = to;
    }
  }

  /** The event of the source that the newest event of a derived room is from; 0: there is none. */
  async #lastFound(room: RoomId): Promise<number> {
    const { events } = await this.#context.history.before(room, undefined, 1);
    const [newest] = events.map(parse);
    return newest !== undefined && "from" in newest ? (newest.from ?? 0) : 0;
  }

  async #evaluate(
    events: readonly TailEvent[],
    index: PredicateIndex<RoomId>,
    written: (seq: number) => void = () => undefined,
  ): Promise<void> {
    let outputs: Output[] = [];
    let bytes = 0;
    for (const tailEvent of events) {
      const found = this.#match(parse(tailEvent), index);
      outputs.push(...found);
      bytes += found.reduce((sum, { body }) => sum + body.length, 0);
      if (bytes < OUTPUT_BYTES) continue;
      await this.#write(outputs);
      written(tailEvent.seq);
      outputs = [];
      bytes = 0;
    }
    await this.#write(outputs);
  }

  #match(event: RoomEvent, index: PredicateIndex<RoomId>): readonly Output[] {
    const found = new Map<RoomId, object[]>();
    for (const { row, shown } of this.#reader?.read(event) ?? []) {
      index.match(row, (room) => {
        if (event.seq <= (this.#running.get(room)?.after ?? 0)) return;
        const rows = found.get(room);
        if (rows === undefined) found.set(room, [shown]);
        else rows.push(shown);
      });
    }
    return [...found].map(([room, rows]) => foundOutput(room, event, rows));
  }

  async #write(outputs: readonly Output[]): Promise<void> {
    const holder = { signal: this.#ending.signal, isFresh: this.#isFresh };
    for (const room of await writeOutputs(this.#context, holder, outputs)) this.#drop(room);
  }
}

function isNew({ told, since }: StandingQuery): boolean {
  return told !== since;
}

function parse({ frame }: TailEvent): RoomEvent {
  return JSON.parse(frame.toString()) as RoomEvent;
}
