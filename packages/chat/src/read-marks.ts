import { BrokerUnavailable, type Deliveries, type RoomLog } from "@hubbub/broker";
import { ProtocolError, type RoomId, type UserId } from "@hubbub/protocol";
import { spread } from "@hubbub/runtime";
import type { ReadMark, Store } from "@hubbub/store";

/** A member's mark in a room is written at most once in this time. A crash of the process loses as much. */
const WRITE_MS = 2_000;
/** Members of rooms with a mark that is not written. Further ones are refused. */
const WAITING_MAX = 50_000;
/** Marks in one statement. */
const MARKS_PER_STATEMENT = 1_000;
/** Calls to the log that tell a mark and are under way. Above this it is told when it is written. */
const TELLING_MAX = 1_000;

interface Waiting extends ReadMark {
  /** What the user's other connections were told. */
  readonly told: number;
}

export interface ReadMarksOptions {
  readonly log: Pick<Deliveries, "publishSignal"> & Pick<RoomLog, "heads">;
  readonly store: Pick<Store, "unread" | "events">;
  /** Reports what it rejects with. Called for every write. */
  attempt(write: () => Promise<void>): Promise<unknown>;
}

/**
 * How far members have read. A mark is told to the user's connections at once, and written with the next write of this
 * process. Marks of one member that come within `WRITE_MS` become one row and, but for the first, one frame.
 */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  #waiting = new Map<string, Waiting>();
  #telling = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: ReadMarksOptions) {
    this.#options = options;
  }

  /** The caller has checked that the user is a member. @throws ProtocolError overloaded */
  read({ room, user, seq }: ReadMark): void {
    const known = this.#waiting.get(room + user);
    if (known !== undefined && known.seq >= seq) return;
    if (known === undefined && this.#waiting.size >= WAITING_MAX)
      throw new ProtocolError("overloaded", "too many read marks wait", { retryAfterMs: spread(WRITE_MS) });
    const mayTell = known === undefined && this.#telling < TELLING_MAX;
    this.#waiting.set(room + user, { room, user, seq, told: mayTell ? seq : (known?.told ?? 0) });
    if (mayTell) void this.#tell({ room, user, seq });
    this.#plan();
  }

  /** Writes what waits, before the store is closed. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#options.attempt(() => this.#write());
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#options
        .attempt(() => this.#write())
        .finally(() => {
          this.#timer = undefined;
          if (this.#waiting.size > 0) this.#plan();
        });
    }, WRITE_MS);
  }

  async #write(): Promise<void> {
    const marks = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (let at = 0; at < marks.length; at += MARKS_PER_STATEMENT) {
      const slice = marks.slice(at, at + MARKS_PER_STATEMENT);
      try {
        await this.#options.store.unread.mark(await this.#withinRooms(slice));
      } catch (error) {
        for (const mark of marks.slice(at)) this.#keep(mark);
        throw error;
      }
      const untold = slice.filter(({ seq, told }) => told < seq);
      await Promise.all(untold.map((mark) => this.#tell(mark)));
    }
  }

  /** For the next write, unless a later mark waits already. Bounded: these were in the map before. */
  #keep(mark: Waiting): void {
    const later = this.#waiting.get(mark.room + mark.user);
    if (later === undefined || later.seq < mark.seq) this.#waiting.set(mark.room + mark.user, mark);
  }

  /** No mark is above the head of its room: marks only move forwards, so it would hide messages that do not exist yet. */
  async #withinRooms(marks: readonly ReadMark[]): Promise<ReadMark[]> {
    const rooms = [...new Set(marks.map(({ room }) => room))];
    const { log, store } = this.#options;
    const inLog = await log.heads(rooms).catch((error: unknown) => {
      if (!(error instanceof BrokerUnavailable)) throw error;
      return rooms.map(() => null);
    });
    const unknown = rooms.filter((_room, at) => inLog[at] === null);
    const stored = (unknown.length === 0 ? [] : await store.events.heads(unknown)).values();
    const heads = new Map(rooms.map((room, at) => [room, (inLog[at] ?? stored.next().value)?.seq ?? 0]));
    return marks.map(({ room, user, seq }) => ({ room, user, seq: Math.min(seq, heads.get(room) ?? 0) }));
  }

  /** Never rejects: the row is the truth, and a client that comes back reads it. */
  async #tell({ room, user, seq }: ReadMark): Promise<void> {
    this.#telling += 1;
    await this.#options.log.publishSignal(user, encodeRead(room, seq)).catch(() => undefined);
    this.#telling -= 1;
  }
}

/** Ids are UUIDs and seqs integers: nothing needs escaping. */
function encodeRead(room: RoomId, seq: number): string {
  return `{"type":"personal","kind":"read","room":"${room}","seq":${seq}}`;
}

/** Tells a user's connections. What is lost here is in the row that it announces. */
export async function tellUser(log: Pick<Deliveries, "publishSignal">, user: UserId, news: object): Promise<void> {
  await log.publishSignal(user, JSON.stringify({ type: "personal", ...news })).catch((error: unknown) => {
    if (!(error instanceof BrokerUnavailable)) throw error;
  });
}
