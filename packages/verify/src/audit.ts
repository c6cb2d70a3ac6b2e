import type { EventId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { assertSchema, type Database, type EventRow, type Statement, toEvent } from "@hubbub/store/sql";
import {
  EPOCHS,
  EVENT_ROOMS,
  EVENTS_AT,
  FIND,
  GENERATION,
  HEADS,
  LETTERS,
  MEMBERS,
  MOVED,
  OFFSET,
  ROOM,
  ROOMS,
  ROWS,
  SHARDS,
  USERS,
} from "./audit-sql.ts";
import type { StateRow } from "./message-fold.ts";
import { CHANGES, MISFITS, STATES } from "./projection-sql.ts";

/**
 * What an operator's check reads of everything stored. Keyset pages of the size that is asked for; nothing is changed
 * and nothing is locked. Cursors are the last key of the page before, `FIRST` for none.
 */
export interface Audit extends AsyncDisposable {
  /** @throws SchemaMismatch */
  assertSchema(): Promise<void>;
  hasRoom(room: RoomId): Promise<boolean>;
  rooms(after: string, limit: number): Promise<readonly RoomId[]>;
  /** Rooms that have events, by id, and whether they are among the rooms. One look at the index for each. */
  eventRooms(after: string, limit: number): Promise<readonly { room: RoomId; isKnown: boolean }[]>;
  /** The newest row of a room; 0 and 0 for none. Nothing but rows counts here. */
  newest(room: RoomId): Promise<RowHead>;
  /** Every epoch that was begun, and above which seq it numbers. */
  epochs(room: RoomId): Promise<readonly { epoch: number; head: number }[]>;
  /** Rows with seq in (after, to], rising. */
  rows(room: RoomId, after: number, to: number, limit: number): Promise<readonly AuditRow[]>;
  /** Whole events at these seqs, as far as they are rows; the authors' names are not looked up. */
  eventsAt(room: RoomId, seqs: readonly number[]): Promise<readonly RoomEvent[]>;
  /** The present seqs of events that had one of these in an epoch that is lost, by the lost seq. */
  moved(room: RoomId, lostSeqs: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /**
   * Which of these events are among the next `limit` rows after `after`; `last`: the last row read, null at the end.
   */
  find(room: RoomId, after: number, limit: number, events: readonly EventName[]): Promise<FoundEvents>;
  /** Messages after `after` that were changed, rising, with what the projection has of them. One snapshot. */
  states(room: RoomId, after: number, limit: number): Promise<readonly StateRow[]>;
  /** Events that change messages up to `to.target`, themselves up to `to.seq`; by message, then seq. */
  changes(room: RoomId, after: ChangePlace, to: ChangePlace, limit: number): Promise<readonly Change[]>;
  /** Rows with seq in (after, to] that do not fit what they say themselves. */
  misfits(room: RoomId, after: number, to: number): Promise<readonly Misfit[]>;
  /** Those who are not there. */
  strangers(users: readonly UserId[]): Promise<readonly UserId[]>;
  members(after: { room: string; user: string }, limit: number): Promise<readonly AuditMember[]>;
  /** "" where nothing was ever written. */
  offset(shard: number): Promise<string>;
  /** Shards that writers have held, one more than the highest; 0 where none ever was. */
  shards(): Promise<number>;
  /** Of the cluster: the keys of the log carry it. */
  generation(): Promise<number>;
  deadLetters(): Promise<number>;
}

export interface RowHead {
  readonly seq: number;
  readonly epoch: number;
}

export interface AuditRow extends RowHead {
  readonly at: number;
  readonly user: UserId;
  readonly kind: string;
  /** 53 bits that the same event id of the same user always has. */
  readonly key: number;
}

export interface ChangePlace {
  readonly target: number;
  readonly seq: number;
}

export interface Change {
  readonly target: number;
  readonly event: RoomEvent;
}

export interface Misfit {
  readonly seq: number;
  readonly what: "mention-extra" | "mention-gone" | "text-gone";
}

export interface EventName {
  readonly user: UserId;
  readonly id: EventId;
}

export interface FoundEvents {
  readonly last: number | null;
  readonly events: readonly EventName[];
}

export interface AuditMember {
  readonly room: RoomId;
  readonly user: UserId;
  readonly hasUser: boolean;
  readonly hasRoom: boolean;
}

export function createAudit(database: Database): Audit {
  const run = <Row extends object>(statement: Statement, ...values: readonly unknown[]) =>
    database.run<Row>(statement, values);
  return {
    assertSchema: () => assertSchema(database),
    hasRoom: async (room) => (await run(ROOM, room)).length > 0,
    rooms: async (after, limit) => (await run<{ id: RoomId }>(ROOMS, after, limit)).map(({ id }) => id),
    eventRooms: (after, limit) => run(EVENT_ROOMS, after, limit),
    async newest(room) {
      const [head] = await run<RowHead>(HEADS, room);
      return head ?? { seq: 0, epoch: 0 };
    },
    epochs: (room) => run(EPOCHS, room),
    rows: (room, after, to, limit) => run<AuditRow>(ROWS, room, after, to, limit),
    eventsAt: async (room, seqs) => (await run<EventRow>(EVENTS_AT, room, seqs)).map((row) => toEvent(room, row)),
    async moved(room, lostSeqs) {
      const rows = await run<{ lost_seq: number; seq: number }>(MOVED, room, lostSeqs);
      return new Map(rows.map(({ lost_seq, seq }) => [lost_seq, seq]));
    },
    async find(room, after, limit, events) {
      const [users, ids] = [events.map(({ user }) => user), events.map(({ id }) => id)];
      const rows = await run<{ last: number | null } & Partial<EventName>>(FIND, room, after, limit, users, ids);
      const found = rows.flatMap(({ user, id }) => (user && id ? [{ user, id }] : []));
      return { last: rows[0]?.last ?? null, events: found };
    },
    states: (room, after, limit) => run<StateRow>(STATES, room, after, limit),
    async changes(room, after, to, limit) {
      const rows = await run<EventRow>(CHANGES, room, after.target, after.seq, to.target, to.seq, limit);
      return rows.map((row) => ({ target: row.target ?? 0, event: toEvent(room, row) }));
    },
    misfits: (room, after, to) => run<Misfit>(MISFITS, room, after, to),
    strangers: async (users) => (await run<{ id: UserId }>(USERS, users)).map(({ id }) => id),
    members: ({ room, user }, limit) => run<AuditMember>(MEMBERS, room, user, limit),
    offset: async (shard) => (await run<{ offset: string }>(OFFSET, shard))[0]?.offset ?? "",
    generation: async () => (await run<{ generation: number }>(GENERATION))[0]?.generation ?? 0,
    shards: async () => (await run<{ count: number }>(SHARDS))[0]?.count ?? 0,
    deadLetters: async () => (await run<{ count: number }>(LETTERS))[0]?.count ?? 0,
    [Symbol.asyncDispose]: () => database.close(),
  };
}
