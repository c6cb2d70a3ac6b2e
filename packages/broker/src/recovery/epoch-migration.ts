import { encodeMovedBody, ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import type { PendingEvent, PendingEvents } from "../accept/pending-event.ts";
import { overloaded } from "../accept/refusals.ts";
import { batchLength } from "../accept/shard-batcher.ts";
import type { AcceptRequest, NumberedEvent, RoomLog } from "../roles/room-log.ts";
import type { ShardLogs } from "../roles/shard-logs.ts";
import { shardOf } from "../shard-of.ts";
import type { HighWaterMarks } from "./high-water-marks.ts";
import { Tellings } from "./tellings.ts";
import type { Restarted, UndurableEvent, UndurableEvents } from "./undurable-events.ts";

/** Questions to the store after a log was lost. What it throws reaches the callers that wait for the room. */
export interface Fence {
  /** `Shards.seal`: from now on nothing that was read of an earlier log is committed. */
  seal(shard: number, start: string): Promise<void>;
  /** `Events.stored`: which of these events are rows, with the numbers they have. */
  stored(room: RoomId, range: StoredRange, events: readonly EventKey[]): Promise<readonly NumberedEvent[]>;
  /** `Events.moved`: the log or the store has these events at one seq, and changes may name others that they had. */
  moved(shard: number, events: readonly MovedEvent[]): Promise<void>;
}

export interface MovedEvent {
  readonly room: RoomId;
  readonly user: UserId;
  readonly seq: number;
  readonly was: readonly number[];
}

/** `Rooms.beginEpoch` of the store: the new epoch is above `epochSeen`, its numbers are above `seen`. */
export type BeginEpoch = (
  room: RoomId,
  seen: number,
  jump: number,
  epochSeen: number,
) => Promise<{ epoch: number; head: number }>;

export type StoredRange = { readonly after: number } | { readonly newest: number };
export type EventKey = Pick<AcceptRequest, "user" | "id">;

export interface EpochMigrationOptions {
  readonly broker: RoomLog & ShardLogs;
  readonly beginEpoch: BeginEpoch;
  /** The room's rows that may still be sent again. */
  readonly recent: (room: RoomId) => Promise<readonly NumberedEvent[]>;
  readonly fence: Fence | undefined;
  readonly pending: PendingEvents;
  readonly undurable: UndurableEvents;
  readonly marks: HighWaterMarks;
}

/** How often a room may be found restarted again during one recovery. */
const TRIES_MAX = 4;
/** Events of one question to the store. */
const ASKED_MAX = 5_000;
/** Rows among which an event is looked for that was sent and never answered: no client waits longer for an answer. */
const UNANSWERED_ROWS = 10_000;

/**
 * Moves a room into a new epoch, with the events that this process has accepted and the store may lack.
 *
 * The order of the steps is what makes it safe:
 *
 * 1. Make stored events recognised again. The dedupe may be lost with the log, and clients send accepted events again.
 * 2. Begin the new numbering.
 * 3. Seal the shard. What a writer still holds of an earlier log is stored by now, or never will be.
 * 4. Forget the events that are stored.
 * 5. Offer the others again under their ids, with the seqs they had, bound to the new epoch. If that epoch is over too, begin anew.
 *
 * The store is told where an event is found at another seq than this process knows: an earlier log has come back.
 *
 * Any number of processes may do so at the same time, and any step may be repeated.
 */
export class EpochMigration {
  readonly #options: EpochMigrationOptions;
  /** The start of the log for which a shard was sealed last; bounded by the shards. */
  readonly #sealed = new Map<number, string>();
  readonly #tellings: Tellings<MovedEvent>;

  constructor(options: EpochMigrationOptions) {
    this.#options = options;
    this.#tellings = new Tellings(async (shard, events) => await options.fence?.moved(shard, events));
  }

  /**
   * `waiting`: events to be accepted after it. Those that the store has already are answered and taken out.
   * @throws ProtocolError overloaded, unavailable; BrokerUnavailable; what the store throws. Nothing is forgotten then.
   */
  async run(room: RoomId, found: Restarted, waiting: PendingEvent[]): Promise<void> {
    const { undurable, marks, fence } = this.#options;
    let restarted: Restarted | null = found;
    for (let tries = 0; restarted !== null; tries += 1) {
      if (tries === TRIES_MAX) throw new ProtocolError("unavailable", "the room could not be numbered");
      const { epoch, isFirst } =
        "epoch" in restarted ? { ...restarted, isFirst: false } : await this.#begin(room, restarted.head);
      if (fence !== undefined && !isFirst) {
        await this.#seal(fence, room);
        await this.#remember(room);
        await this.#forgetStored(fence, room);
        await this.#answerStored(fence, room, waiting);
      }
      restarted = await this.#offer(room, epoch);
      if (restarted !== null) continue;
      undurable.restarted(room, epoch);
      marks.restarted(room, epoch);
    }
  }

  async #begin(room: RoomId, head: number): Promise<{ epoch: number; isFirst: boolean }> {
    const { broker, beginEpoch, undurable, marks } = this.#options;
    const seen = Math.max(head, marks.seq(room), undurable.highest(room));
    const [known] = await broker.heads([room]);
    const begun = await beginEpoch(room, seen, broker.epochJump, Math.max(known?.epoch ?? 0, marks.epoch(room)));
    if (begun.epoch > 1) await this.#remember(room);
    const { epoch } = await broker.initialise(room, { ...begun, seen });
    return { epoch, isFirst: begun.epoch === 1 };
  }

  async #remember(room: RoomId): Promise<void> {
    const { broker, recent } = this.#options;
    await broker.remember(room, await recent(room));
  }

  async #seal(fence: Fence, room: RoomId): Promise<void> {
    const shard = shardOf(room, this.#options.broker.shards);
    const start = await this.#options.broker.logStart(shard);
    if (this.#sealed.get(shard) === start) return;
    await fence.seal(shard, start);
    this.#sealed.set(shard, start);
  }

  async #forgetStored(fence: Fence, room: RoomId): Promise<void> {
    const { undurable } = this.#options;
    const all = undurable.of(room);
    for (let at = 0; at < all.length; at += ASKED_MAX) {
      const some = all.slice(at, at + ASKED_MAX);
      const lowest = some.reduce((least, event) => Math.min(least, ...seqsOf(event)), Number.POSITIVE_INFINITY);
      const stored = await this.#storedOf(fence, room, { after: lowest - 1 }, some);
      await this.#tellMoved(
        room,
        some.map((event) => [event, stored.get(textOf(event.request))?.seq]),
      );
      undurable.forget(room, new Set(some.filter(({ request }) => stored.has(textOf(request)))));
    }
  }

  async #answerStored(fence: Fence, room: RoomId, waiting: PendingEvent[]): Promise<void> {
    if (waiting.length === 0) return;
    const stored = await this.#storedOf(fence, room, { newest: UNANSWERED_ROWS }, waiting);
    const left = waiting.filter((event) => {
      const row = stored.get(textOf(event.request));
      if (row !== undefined)
        this.#options.pending.resolve(event, { state: "duplicate", seq: row.seq, epoch: row.epoch, at: row.at });
      return row === undefined;
    });
    waiting.splice(0, waiting.length, ...left);
  }

  /** Tells their mark, too: it was lost with the log, and no commit brings another. Waiting for it would never end. */
  async #storedOf(fence: Fence, room: RoomId, range: StoredRange, events: readonly { request: EventKey }[]) {
    const { broker } = this.#options;
    const keys = events.map(({ request: { user, id } }) => ({ user, id }));
    const rows = await fence.stored(room, range, keys);
    const durable = rows.reduce((highest, { seq }) => Math.max(highest, seq), 0);
    if (durable > 0) await broker.publishMarks(shardOf(room, broker.shards), [{ room, seq: durable }]);
    return new Map(rows.map((row) => [textOf(row), row]));
  }

  /** null: all is in the log of that epoch. */
  async #offer(room: RoomId, epoch: number): Promise<Restarted | null> {
    const { broker, undurable } = this.#options;
    const all = undurable.of(room);
    const shard = shardOf(room, broker.shards);
    for (let at = 0; at < all.length; ) {
      const some = all.slice(at, at + batchLength(all, at));
      at += some.length;
      const results = await broker.accept(
        shard,
        some.map((event) => ({
          ...event.request,
          body: encodeMovedBody(event.request.body, seqsOf(event)),
          seen: 0,
          epoch,
        })),
      );
      const elsewhere: [UndurableEvent, number][] = [];
      for (const [index, result] of results.entries()) {
        const event = some[index];
        if (event === undefined) throw new Error("the log answered more than it was asked");
        if (result.state === "overloaded") throw overloaded();
        if (result.state === "uninitialised") return { head: result.head };
        if (result.state === "restarted") return { epoch: result.epoch };
        if (result.state === "duplicate" && result.seq !== event.seq) elsewhere.push([event, result.seq]);
        else renumber(event, result.seq);
      }
      await this.#tellMoved(room, elsewhere);
      for (const [event, seq] of elsewhere) renumber(event, seq);
    }
    return null;
  }

  /** Before it is renumbered or forgotten: a step that failed is repeated. */
  async #tellMoved(room: RoomId, found: readonly (readonly [UndurableEvent, seq: number | undefined])[]) {
    const moved = found.flatMap(([event, seq = event.seq]) => {
      const was = seqsOf(event).filter((known) => known !== seq);
      return seq === event.seq ? [] : [{ room, user: event.request.user, seq, was }];
    });
    if (moved.length > 0) await this.#tellings.tell(shardOf(room, this.#options.broker.shards), moved);
  }
}

function renumber(event: UndurableEvent, seq: number): void {
  event.was = seqsOf(event).filter((known) => known !== seq);
  event.seq = seq;
}

/** All seqs that it had or has, rising. */
function seqsOf({ was = [], seq }: UndurableEvent): readonly number[] {
  return [...was, seq].sort((one, other) => one - other);
}

function textOf({ user, id }: EventKey): string {
  return `${user}:${id}`;
}
