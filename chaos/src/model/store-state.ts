import type { NumberedEvent } from "@hubbub/broker";
import {
  applyChange,
  type EventId,
  type MessageState,
  type RoomEvent,
  type RoomId,
  targetOf,
  UNCHANGED,
  type UserId,
} from "@hubbub/protocol";
import {
  type AppendBatch,
  type EmptiedRoom,
  type Lease,
  LeaseLost,
  type MessageStates,
  type SentChange,
} from "@hubbub/store";

interface Shard {
  owner: string | null;
  token: number;
  offset: string;
  expiresAt: number;
}

interface Numbering {
  readonly epoch: number;
  readonly floor: number;
  /** null: begun in a life of the store that was lost. */
  readonly heads: ReadonlyMap<number, number | null>;
}

export interface Letter {
  readonly room: RoomId | null;
  readonly id: string | null;
}

/** What is in Postgres, and what the statements of the store do to it. Two that were built by the same calls are equal. */
export class StoreState {
  readonly #rooms = new Map<RoomId, Numbering>();
  readonly #events = new Map<RoomId, Map<number, RoomEvent>>();
  readonly #shards = new Map<number, Shard>();
  /** Sign of life of the writers, until when. */
  readonly #writers = new Map<string, number>();
  readonly letters: Letter[] = [];
  readonly #leaks: (event: RoomEvent) => boolean;

  /** `leaks`: sabotage, events that are committed and not kept. */
  constructor(leaks: (event: RoomEvent) => boolean) {
    this.#leaks = leaks;
  }

  beginEpoch(room: RoomId, seen: number, jump: number, epochSeen: number): { epoch: number; head: number } {
    const known = this.#rooms.get(room) ?? { epoch: 0, floor: 0, heads: new Map() };
    const stored = this.page(room, { before: Number.MAX_SAFE_INTEGER, limit: 1 })[0]?.seq ?? 0;
    const above = Math.max(known.epoch, epochSeen);
    const floor = Math.max(seen, known.floor, stored) + (above === 0 ? 0 : jump);
    const heads = new Map(known.heads);
    if (epochSeen > 0 && !heads.has(epochSeen)) heads.set(epochSeen, null);
    heads.set(above + 1, floor);
    this.#rooms.set(room, { epoch: above + 1, floor, heads });
    return { epoch: above + 1, head: floor };
  }

  epochAround(
    room: RoomId,
    asked: number,
  ): { isKnown: boolean; begin: number | null; next: { readonly epoch: number; readonly head: number } | null } {
    const heads = this.#rooms.get(room)?.heads ?? new Map<number, number | null>();
    let next: { epoch: number; head: number } | null = null;
    for (const [epoch, head] of heads) {
      if (epoch <= asked || head === null || (next !== null && epoch >= next.epoch)) continue;
      if (this.#epochBehind(room, head) >= epoch) next = { epoch, head };
    }
    return { isKnown: heads.has(asked), begin: heads.get(asked) ?? null, next };
  }

  /** The projection is what it must be: the fold of the rows. */
  states(room: RoomId, seqs: readonly number[]): MessageStates {
    const states = new Map<number, MessageState>();
    for (const event of this.page(room, { after: 0, limit: Number.MAX_SAFE_INTEGER })) {
      const target = targetOf(event);
      if (target !== undefined && seqs.includes(target)) {
        states.set(target, applyChange(states.get(target) ?? UNCHANGED, event));
      }
    }
    return { states, head: this.page(room, { before: Number.MAX_SAFE_INTEGER, limit: 1 })[0]?.seq ?? 0 };
  }

  sentChange(room: RoomId, target: number, { user, id }: { user: UserId; id: EventId }): SentChange | null {
    const rows = this.page(room, { after: 0, limit: Number.MAX_SAFE_INTEGER });
    return rows.find((row) => targetOf(row) === target && row.by.id === user && row.id === id) ?? null;
  }

  /** Of the first event behind `seq`; Infinity: there is none. */
  #epochBehind(room: RoomId, seq: number): number {
    let first = { seq: Number.POSITIVE_INFINITY, epoch: Number.POSITIVE_INFINITY };
    for (const event of this.#events.get(room)?.values() ?? []) {
      if (event.seq > seq && event.seq < first.seq) first = event;
    }
    return first.epoch;
  }

  /** @throws LeaseLost */
  append({ lease, offset, events }: AppendBatch): readonly EmptiedRoom[] {
    this.#held(lease).offset = offset;
    for (const event of events) {
      const room = this.#of(event.room);
      const { was, ...rest } = event;
      const row = was?.length === 0 ? rest : event;
      if (!room.has(event.seq) && !this.#leaks(event)) room.set(event.seq, row);
    }
    return [];
  }

  /** @throws LeaseLost */
  deadLetter(lease: Lease, offset: string, letter: Letter): void {
    this.#held(lease).offset = offset;
    this.letters.push(letter);
  }

  page(room: RoomId, range: { after: number; limit: number } | { before: number; limit: number }): RoomEvent[] {
    const all = [...(this.#events.get(room)?.values() ?? [])].sort((one, other) => one.seq - other.seq);
    if ("after" in range) return all.filter(({ seq }) => seq > range.after).slice(0, range.limit);
    return all.filter(({ seq }) => seq < range.before).slice(-range.limit);
  }

  stored(
    room: RoomId,
    range: { after: number } | { newest: number },
    asked: readonly { user: UserId; id: EventId }[],
  ): { user: UserId; id: EventId; seq: number; epoch: number; at: number }[] {
    const rows =
      "after" in range
        ? this.page(room, { after: range.after, limit: Number.MAX_SAFE_INTEGER })
        : this.page(room, { before: Number.MAX_SAFE_INTEGER, limit: range.newest });
    return asked.flatMap(({ user, id }) => {
      const row = rows.find((one) => one.by.id === user && one.id === id);
      return row === undefined ? [] : [{ user, id, seq: row.seq, epoch: row.epoch, at: row.at }];
    });
  }

  recent(room: RoomId, limit: number): NumberedEvent[] {
    const newest = this.page(room, { before: Number.MAX_SAFE_INTEGER, limit });
    return newest.map(({ by, id, seq, epoch, at }) => ({ user: by.id, id, seq, epoch, at }));
  }

  head(room: RoomId): { seq: number; epoch: number } {
    const newest = this.page(room, { before: Number.MAX_SAFE_INTEGER, limit: 1 })[0];
    return {
      seq: newest?.seq ?? 0,
      epoch: Math.max(newest?.epoch ?? 0, this.#rooms.get(room)?.epoch ?? 0),
    };
  }

  acquire(shard: number, owner: string, ttlMs: number, now: number): Lease | null {
    this.#writers.set(owner, now + ttlMs);
    const known = this.#shards.get(shard) ?? { owner: null, token: 0, offset: "", expiresAt: 0 };
    if (known.expiresAt > now && known.owner !== owner) return null;
    const held = { owner, token: known.token + 1, offset: known.offset, expiresAt: now + ttlMs };
    this.#shards.set(shard, held);
    return { shard, token: held.token, offset: held.offset };
  }

  renew(owner: string, leases: readonly Lease[], ttlMs: number, now: number): Map<number, string> {
    this.#writers.set(owner, now + ttlMs);
    const kept = new Map<number, string>();
    for (const { shard, token } of leases) {
      const known = this.#shards.get(shard);
      if (known === undefined || known.token !== token || known.owner !== owner) continue;
      known.expiresAt = now + ttlMs;
      kept.set(shard, known.offset);
    }
    return kept;
  }

  release(owner: string, { shard, token }: Lease, now: number): void {
    const known = this.#shards.get(shard);
    if (known === undefined || known.token !== token || known.owner !== owner) return;
    known.owner = null;
    known.expiresAt = now;
    this.#writers.delete(owner);
  }

  seal(shard: number, start: string): void {
    const known = this.#shards.get(shard);
    if (known !== undefined && logOf(known.offset) !== logOf(start)) known.offset = start;
  }

  owners(now: number): number {
    return [...this.#writers.values()].filter((until) => until > now).length;
  }

  #held(lease: Lease): Shard {
    const known = this.#shards.get(lease.shard);
    if (known === undefined || known.token !== lease.token || known.offset !== lease.offset) {
      throw new LeaseLost(`shard ${lease.shard} is no longer held under token ${lease.token} at ${lease.offset}`);
    }
    return known;
  }

  #of(room: RoomId): Map<number, RoomEvent> {
    let events = this.#events.get(room);
    if (events === undefined) {
      events = new Map();
      this.#events.set(room, events);
    }
    return events;
  }
}

function logOf(offset: string): string {
  return offset.split("/", 1).join("");
}
