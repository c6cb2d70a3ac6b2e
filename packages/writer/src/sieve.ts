import type { LogEntry } from "@hubbub/broker";
import type { RoomEvent, RoomId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import type { Run, Slice } from "./slice.ts";

/**
 * What a log that came back must not bring a second time.
 *
 * A log can be lost, its events be offered again and stored under new numbers, and then be there once more: Redis started
 * without its disk and later with it, or a replica was promoted that had not followed. So of a log that is read from its
 * beginning, as far as it reaches then, everything is asked for in the store: what is a row of another epoch is left out. Which is higher says nothing: after a restore epochs may fall.
 */
export class Sieve {
  readonly #stored: Store["events"]["stored"];
  #left: number;

  /** `entries`: the number that is asked for, those behind them pass. */
  constructor(stored: Store["events"]["stored"], entries: number) {
    this.#stored = stored;
    this.#left = entries;
  }

  /** Whether the entries it was made for have passed. */
  get isDone(): boolean {
    return this.#left <= 0;
  }

  /** May be asked again when it has failed: only an answer counts. */
  async sift(slices: readonly Slice[]): Promise<Slice[]> {
    let left = this.#left;
    const sifted: Slice[] = [];
    for (const slice of slices) {
      if (left > 0 && slice.kind === "run") sifted.push(...(await this.#siftRun(slice)));
      else sifted.push(slice);
      left -= slice.entries.length;
    }
    this.#left = left;
    return sifted;
  }

  /** What is left out is committed as well, without rows: the log is to forget it. */
  async #siftRun({ entries, events }: Run): Promise<Slice[]> {
    const epochs = await this.#epochsOf(events);
    const isLeft = (event: RoomEvent | undefined) =>
      event !== undefined && (epochs.get(keyOf(event)) ?? event.epoch) === event.epoch;
    const kept = entries.filter((_entry: LogEntry, at) => isLeft(events[at]));
    const skipped = entries.filter((_entry: LogEntry, at) => !isLeft(events[at]));
    const runs: Slice[] = kept.length === 0 ? [] : [{ kind: "run", entries: kept, events: events.filter(isLeft) }];
    return kept.at(-1) === entries.at(-1) ? runs : [...runs, { kind: "skipped", entries: skipped }];
  }

  /** The epoch under which each event is stored, if it is. */
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

/** What stands before the last `/` of an offset names its log. */
export function isSameLog(offset: string, other: string): boolean {
  return logOf(offset) === logOf(other);
}

function logOf(offset: string): string {
  return offset.slice(0, Math.max(offset.lastIndexOf("/"), 0));
}
