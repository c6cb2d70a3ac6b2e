import type { LogEntry, ShardLog } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Lease, Store, StoredEvent } from "@hubbub/store";
import type { Run, Slice } from "../slice.ts";

type Log = Pick<ShardLog, "lag">;
type Events = Pick<Store["events"], "stored" | "append">;

/** Messages of one transaction that tells of other seqs. */
const TOLD_ROWS = 500;

/**
 * Keeps a log that came back from being stored a second time.
 *
 * A log can be lost, its events offered again and stored under new numbers, and then the old log is there once more:
 * Redis started without its disk and later with it, or a replica was promoted that had not followed. So a log that is
 * read from its beginning is compared with the store, up to the length it has then: an event that is a row of another
 * epoch is left out. Which epoch is higher does not matter: after a restore epochs may fall. Changes may name the seq of a
 * message that is left out, so the store learns that it is one of the row.
 *
 * A message that the log had when it was opened may be stored behind its changes: they were stored from another log, or the
 * store was told since that they are its own. An empty `was` says so.
 */
export class ReplayFilter {
  readonly #events: Events;
  /** Entries to compare with the store; later entries pass. */
  #left = 0;
  /** Entries that the log had when it was opened. */
  #early = 0;
  /** Whether the next `open` compares entries with the store: until all of them are committed, and again when the store moved. */
  #isNeeded = true;

  constructor(events: Events) {
    this.#events = events;
  }

  /** The log is read from `offset` on. */
  async open(log: Log, offset: string): Promise<void> {
    this.#early = await log.lag(offset);
    this.#left = this.#isNeeded ? this.#early : 0;
  }

  /** Call before `filter`: the batch may come from another log than the last commit. */
  async follow(log: Log, batch: readonly LogEntry[], committed: string): Promise<void> {
    if (isSameLog(batch.at(-1)?.offset ?? committed, committed)) return;
    // All entries of the new log, and those of the batch that may belong to the earlier one.
    this.#left = (await log.lag("")) + batch.length;
    this.#early = this.#left;
    this.#isNeeded = true;
  }

  /** Can be called again after it failed: a failed call changes nothing. @throws LeaseLost */
  async filter(slices: readonly Slice[], lease: Lease): Promise<Slice[]> {
    let [left, early] = [this.#left, this.#early];
    const filtered: Slice[] = [];
    for (const slice of slices) {
      const kept = left > 0 && slice.kind === "run" ? await this.#filterRun(slice, lease) : [slice];
      filtered.push(...(early > 0 ? kept.map(behindChanges) : kept));
      left -= slice.entries.length;
      early -= slice.entries.length;
    }
    this.#left = left;
    this.#early = early;
    return filtered;
  }

  /** All that was read is committed. */
  committed(): void {
    this.#isNeeded = this.#left > 0;
  }

  /** The store stands elsewhere than this writer left it. */
  storeMoved(): void {
    this.#isNeeded = true;
  }

  /** Skipped entries are committed as well, without rows, so that the log can forget them. */
  async #filterRun({ entries, events }: Run, lease: Lease): Promise<Slice[]> {
    const rows = await this.#rowsOf(events);
    const isLeft = (event: RoomEvent | undefined) =>
      event !== undefined && (rows.get(keyOf(event))?.epoch ?? event.epoch) === event.epoch;
    await this.#tellMoved(
      events.filter((event) => !isLeft(event)),
      { rows, lease },
    );
    const kept = entries.filter((_entry: LogEntry, at) => isLeft(events[at]));
    const skipped = entries.filter((_entry: LogEntry, at) => !isLeft(events[at]));
    const runs: Slice[] = kept.length === 0 ? [] : [{ kind: "run", entries: kept, events: events.filter(isLeft) }];
    return kept.at(-1) === entries.at(-1) ? runs : [...runs, { kind: "skipped", entries: skipped }];
  }

  /** Appends the rows again, which changes none of them. Their contents are not sent: a row may be a tombstone. */
  async #tellMoved(
    events: readonly RoomEvent[],
    { rows, lease }: { rows: ReadonlyMap<string, StoredEvent>; lease: Lease },
  ): Promise<void> {
    const moved = events.flatMap((event): RoomEvent[] => {
      const row = rows.get(keyOf(event));
      if (row === undefined || event.kind !== "message") return [];
      const { type, room, by, kind, id, seq, was = [] } = event;
      const [{ epoch, at }, other] = [row, [...was, seq].filter((one) => one !== row.seq)];
      return other.length === 0 ? [] : [{ type, room, epoch, seq: row.seq, at, by, kind, id, text: "", was: other }];
    });
    const { offset } = lease;
    for (let at = 0; at < moved.length; at += TOLD_ROWS)
      await this.#events.append({ lease, offset, events: moved.slice(at, at + TOLD_ROWS) });
  }

  async #rowsOf(events: readonly RoomEvent[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const rooms = new Map<RoomId, RoomEvent[]>();
    for (const event of events) {
      const ofRoom = rooms.get(event.room);
      if (ofRoom === undefined) rooms.set(event.room, [event]);
      else ofRoom.push(event);
    }
    const rows = new Map<string, StoredEvent>();
    for (const [room, asked] of rooms) {
      const lowest = asked.reduce((least, { seq, was = [] }) => Math.min(least, seq, ...was), Number.POSITIVE_INFINITY);
      const keys = asked.map(({ by, id }) => ({ user: by.id, id }));
      for (const row of await this.#events.stored(room, { after: lowest - 1 }, keys)) {
        rows.set(`${room} ${row.user} ${row.id}`, row);
      }
    }
    return rows;
  }
}

function behindChanges(slice: Slice): Slice {
  if (slice.kind !== "run") return slice;
  return { ...slice, events: slice.events.map((event) => (event.kind === "message" ? { was: [], ...event } : event)) };
}

function keyOf({ room, by, id }: RoomEvent): string {
  return `${room} ${by.id} ${id}`;
}

/** The part of an offset before the last `/` names its log. */
function isSameLog(offset: string, other: string): boolean {
  return logOf(offset) === logOf(other);
}

function logOf(offset: string): string {
  return offset.slice(0, Math.max(offset.lastIndexOf("/"), 0));
}
