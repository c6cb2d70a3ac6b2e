import type { History } from "../checker/history.ts";
import type { HistoryRecord } from "../checker/records.ts";
import { RACED } from "./changes.ts";

/** What happened in a while. */
export interface Counts {
  sent: number;
  acked: number;
  received: number;
  /** Durable marks. */
  marks: number;
  gaps: number;
  epochs: number;
  resumed: number;
  readonly refused: Map<string, number>;
}

/** Ms from a moment until things flowed again; null: not yet. */
export interface Recovery {
  /** An event that was wanted after the moment is acked, in every room. */
  acksMs: number | null;
  /** Every client has resumed every room, or got an event there that was wanted after the moment. */
  clientsMs: number | null;
  /** The same for 99 of 100. */
  mostClientsMs: number | null;
}

interface Watch {
  readonly since: number;
  readonly rooms: Set<string>;
  readonly pairs: Set<string>;
  readonly pairsMax: number;
  readonly recovery: Recovery;
}

const most = 0.99;

/** Passes records on to the history, and counts them on their way. */
export class Tally {
  readonly #history: History;
  /** When each event was first wanted, Unix ms. Bounded by the events of a drill. */
  readonly #wantedAt = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #now = none();
  /** Bounded by `waitingMax` of each client. */
  readonly #plain = new Set<string>();
  /** Ms. Bounded by the events of a drill. */
  #waits: number[] = [];
  #watch: Watch | null = null;
  readonly total = none();
  /** Refusals that may be repeated, and do not say when. */
  bareRefusals = 0;
  longestWaitMs = 0;
  /** Who waited that long. */
  longestWaiting = "";

  constructor(history: History) {
    this.#history = history;
  }

  /** Events that somebody wanted to send. */
  get wantedCount(): number {
    return this.#wantedAt.size;
  }

  /** Wanted, and neither acked nor seen. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** `isPlain`: it needs nothing but the log. */
  wanted(id: string, isPlain = false): void {
    if (isPlain) this.#plain.add(id);
    this.#wantedAt.set(id, Date.now());
    this.#waiting.add(id);
  }

  /** What was counted since the last call. */
  take(): Counts {
    const taken = this.#now;
    this.#now = none();
    return taken;
  }

  /** How long plain events waited for their acks, since the last call. */
  takeWaits(): readonly number[] {
    const taken = this.#waits;
    this.#waits = [];
    return taken;
  }

  /** Recovery is watched from `since` (Unix ms) on; the one before is forgotten. */
  watch(since: number, places: Iterable<readonly [client: string, room: string]>, rooms: Iterable<string>): Recovery {
    const pairs = new Set([...places].map(([client, room]) => pairOf(client, room)));
    const recovery = { acksMs: null, clientsMs: null, mostClientsMs: null };
    this.#watch = { since, rooms: new Set(rooms), pairs, pairsMax: pairs.size, recovery };
    return recovery;
  }

  add(record: HistoryRecord): void {
    this.#history.add(record);
    switch (record.type) {
      case "sent":
        this.#count("sent");
        break;
      case "acked":
        this.#count("acked");
        this.#acked(record);
        break;
      case "received":
        this.#count("received");
        this.#waiting.delete(record.id);
        if (this.#isWatched(record.id)) this.#reached(record.client, record.room, record.at);
        break;
      case "subscribed":
        this.#count("resumed");
        this.#reached(record.client, record.room, Date.now());
        break;
      case "durable":
        this.#count("marks");
        break;
      case "gap":
        this.#count("gaps");
        break;
      case "epoch":
        this.#count("epochs");
        break;
      case "refused":
        if (record.isBare === true) this.bareRefusals += 1;
        if (RACED.includes(record.code)) this.#waiting.delete(record.id);
        for (const { refused } of [this.#now, this.total]) {
          refused.set(record.code, (refused.get(record.code) ?? 0) + 1);
        }
        break;
    }
  }

  #count(what: Exclude<keyof Counts, "refused">): void {
    this.#now[what] += 1;
    this.total[what] += 1;
  }

  #acked({ client, id, room, at }: { client: string; id: string; room: string; at: number }): void {
    this.#waiting.delete(id);
    const waitMs = at - (this.#wantedAt.get(id) ?? at);
    if (this.#plain.delete(id)) this.#waits.push(waitMs);
    if (waitMs > this.longestWaitMs) {
      this.longestWaitMs = waitMs;
      this.longestWaiting = client;
    }
    if (this.#watch === null || !this.#isWatched(id) || !this.#watch.rooms.delete(room)) return;
    if (this.#watch.rooms.size === 0) this.#watch.recovery.acksMs = at - this.#watch.since;
  }

  #isWatched(id: string): boolean {
    return this.#watch !== null && (this.#wantedAt.get(id) ?? 0) >= this.#watch.since;
  }

  #reached(client: string, room: string, at: number): void {
    if (this.#watch === null || at < this.#watch.since) return;
    const { pairs, pairsMax, since, recovery } = this.#watch;
    if (!pairs.delete(pairOf(client, room))) return;
    if (recovery.mostClientsMs === null && pairs.size <= pairsMax * (1 - most)) recovery.mostClientsMs = at - since;
    if (pairs.size === 0) recovery.clientsMs = at - since;
  }
}

function none(): Counts {
  return { sent: 0, acked: 0, received: 0, marks: 0, gaps: 0, epochs: 0, resumed: 0, refused: new Map() };
}

function pairOf(client: string, room: string): string {
  return `${client} ${room}`;
}
