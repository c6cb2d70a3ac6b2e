/** Rooms that are counted at once. */
const ROOMS_MAX = 50;

interface Batched {
  readonly room: string;
}

/**
 * The rooms with the most events among those that this process gives to the log, by the SpaceSaving sketch: a room beyond the bound
 * takes the place of the smallest count, and inherits it. One event of each batch is drawn and counts for the whole batch, so that the
 * cost does not grow with the events.
 */
export class TopRooms {
  #counts = new Map<string, number>();
  /** Events of all batches. */
  total = 0;

  note(batch: readonly Batched[]): void {
    const drawn = batch[Math.floor(Math.random() * batch.length)];
    if (drawn === undefined) return;
    this.total += batch.length;
    this.add(drawn.room, batch.length);
  }

  add(room: string, events: number): void {
    const known = this.#counts.get(room);
    if (known !== undefined || this.#counts.size < ROOMS_MAX) {
      this.#counts.set(room, (known ?? 0) + events);
      return;
    }
    const smallest = [...this.#counts].reduce((least, one) => (one[1] < least[1] ? one : least));
    this.#counts.delete(smallest[0]);
    this.#counts.set(room, smallest[1] + events);
  }

  /** The largest first. Begins anew. */
  take(): readonly (readonly [room: string, events: number])[] {
    const counts = [...this.#counts].sort(([, one], [, other]) => other - one);
    this.#counts = new Map();
    return counts;
  }
}
