import type { RoomId } from "@hubbub/protocol";
import type { Acting } from "./store-audit.ts";

/** The fields of a room's records, as JSON: `FieldTable` of the filter language. */
export interface RoomModel {
  readonly version: number;
  readonly fields: Readonly<Record<string, { readonly type: string; readonly values?: readonly string[] | undefined }>>;
}

export interface StandingQuery {
  /** The derived room. */
  readonly room: RoomId;
  readonly source: RoomId;
  readonly modelVersion: number;
  /** Canonical, as JSON. */
  readonly filter: unknown;
  /** Only events of the source after this one are looked at. */
  readonly since: number;
  /** `since`, when the derived room was last told; null: never. */
  readonly told: number | null;
}

export interface WantedQuery extends Omit<StandingQuery, "told"> {
  readonly hash: string;
  readonly wantedUntil: Date;
}

/** What its owner may evaluate. `seq`: everything up to this event of the source has been evaluated. */
export interface FlowLease {
  readonly source: RoomId;
  readonly token: number;
  readonly seq: number;
}

/** Standing queries and the processes that evaluate them. */
export interface Flows {
  model(room: RoomId): Promise<RoomModel | null>;
  models(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, RoomModel>>;
  /** The version rises if the fields differ from before. */
  setModel(room: RoomId, fields: RoomModel["fields"], acting: Acting): Promise<RoomModel>;
  /**
   * Makes the query with its derived room, or keeps the existing one wanted. One that was not wanted any more begins again after
   * `since`.
   * @throws ProtocolError too_many_queries: the source has `max` wanted ones
   */
  want(query: WantedQuery, max: number): Promise<StandingQuery>;
  /** Derived rooms of a source, wanted or not. */
  derivedOf(source: RoomId): Promise<readonly RoomId[]>;

  /** Takes sources that have wanted queries and no live owner: at most so many, with at most so many wanted queries together. */
  acquire(
    owner: string,
    max: { readonly sources: number; readonly queries: number },
    ttlMs: number,
  ): Promise<readonly FlowLease[]>;
  /** Renews leases and notes how far each source has been evaluated. Returns the sources that are still the owner's. */
  renew(owner: string, leases: readonly FlowLease[], ttlMs: number): Promise<ReadonlySet<RoomId>>;
  /** Gives the sources back, and notes how far they have been evaluated. */
  release(owner: string, leases: readonly FlowLease[]): Promise<void>;
  /**
   * The wanted queries of these sources, at most `max`. A source has all of its queries or none: the first sources whose queries are
   * `max` at most together have theirs.
   */
  queriesOf(sources: readonly RoomId[], max: number): Promise<readonly StandingQuery[]>;
  /** The derived room has been told that its query begins after `since`. */
  told(room: RoomId, since: number): Promise<void>;
  /** Deletes queries that nobody has wanted since then, with their rooms' right to be found. At most `limit`. */
  forget(before: Date, limit: number): Promise<number>;
}
