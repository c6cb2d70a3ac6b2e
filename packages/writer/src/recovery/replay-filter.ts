import type { LogEntry } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import type { Run, Slice } from "../slice.ts";

/**
 * Keeps a log that came back from being stored a second time.
 *
 * A log can be lost, its events offered again and stored under new numbers, and then the old log is there once more: Redis
 * started without its disk and later with it, or a replica was promoted that had not followed. So a log that is read from
 * its beginning is compared with the store, up to the length it has then: an event that is a row of another epoch is left
 * out. Which epoch is higher does not matter: after a restore epochs may fall.
 */
export class ReplayFilter {
  readonly #stored: Store["events"]["stored"];
  #left: number;

  /** `entries`: how many entries to compare with the store; later entries pass. */
  constructor(stored: Store["events"]["stored"], entries: number) {
    this.#stored = stored;
    this.#left = entries;
  }

  /** Whether all entries to compare have passed. */
  get isDone(): boolean {
    return this.#left <= 0;
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
export function isSameLog(offset: string, other: string): boolean {
  return logOf(offset) === logOf(other);
}

function logOf(offset: string): string {
  return offset.slice(0, Math.max(offset.lastIndexOf("/"), 0));
}
