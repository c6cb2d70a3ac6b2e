import type { LogEntry, ShardLog } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import type { Run, Slice } from "../slice.ts";

type Log = Pick<ShardLog, "lag">;

/**
 * Keeps a log that came back from being stored a second time.
 *
 * A log can be lost, its events offered again and stored under new numbers, and then the old log is there once more:
 * Redis started without its disk and later with it, or a replica was promoted that had not followed. So a log that is
 * read from its beginning is compared with the store, up to the length it has then: an event that is a row of another
 * epoch is left out. Which epoch is higher does not matter: after a restore epochs may fall.
 */
export class ReplayFilter {
  readonly #stored: Store["events"]["stored"];
  /** Entries to compare with the store; later entries pass. */
  #left = 0;
  /** Whether the next `open` compares entries with the store: until all of them are committed, and again when the store moved. */
  #isNeeded = true;

  constructor(stored: Store["events"]["stored"]) {
    this.#stored = stored;
  }

  /** The log is read from `offset` on. */
  async open(log: Log, offset: string): Promise<void> {
    this.#left = this.#isNeeded ? await log.lag(offset) : 0;
  }

  /** Call before `filter`: the batch may come from another log than the last commit. */
  async follow(log: Log, batch: readonly LogEntry[], committed: string): Promise<void> {
    if (isSameLog(batch.at(-1)?.offset ?? committed, committed)) return;
    // All entries of the new log, and those of the batch that may belong to the earlier one.
    this.#left = (await log.lag("")) + batch.length;
    this.#isNeeded = true;
  }

  /** Can be called again after it failed: a failed call changes nothing. */
  async filter(slices: readonly Slice[]): Promise<Slice[]> {
    let left = this.#left;
    const filtered: Slice[] = [];
    for (const slice of slices) {
      if (left > 0 && slice.kind === "run") filtered.push(...(await this.#filterRun(slice)));
      else filtered.push(slice);
      left -= slice.entries.length;
    }
    this.#left = left;
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
  async #filterRun({ entries, events }: Run): Promise<Slice[]> {
    const epochs = await this.#epochsOf(events);
    const isLeft = (event: RoomEvent | undefined) =>
      event !== undefined && (epochs.get(keyOf(event)) ?? event.epoch) === event.epoch;
    const kept = entries.filter((_entry: LogEntry, at) => isLeft(events[at]));
    const skipped = entries.filter((_entry: LogEntry, at) => !isLeft(events[at]));
    const runs: Slice[] = kept.length === 0 ? [] : [{ kind: "run", entries: kept, events: events.filter(isLeft) }];
    return kept.at(-1) === entries.at(-1) ? runs : [...runs, { kind: "skipped", entries: skipped }];
  }

  /** The epoch of the row of each event that is stored. */
  async #epochsOf(events: readonly RoomEvent[]): Promise<ReadonlyMap<string, number>> {
    const rooms = new Map<RoomId, RoomEvent[]>();
    for (const event of events) {
      const ofRoom = rooms.get(event.room);
      if (ofRoom === undefined) rooms.set(event.room, [event]);
      else ofRoom.push(event);
    }
    const epochs = new Map<string, number>();
    for (const [room, asked] of rooms) {
      const lowest = asked.reduce((least, { seq }) => Math.min(least, seq), Number.POSITIVE_INFINITY);
      const keys = asked.map(({ by, id }) => ({ user: by.id, id }));
      for (const row of await this.#stored(room, { after: lowest - 1 }, keys)) {
        epochs.set(`${room} ${row.user} ${row.id}`, row.epoch);
      }
    }
    return epochs;
  }
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
