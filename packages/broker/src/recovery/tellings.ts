/** Between two tellings of a shard by one process: its writer reads its batch again after each. */
const TELLING_PAUSE_MS = 250;
/** Events of one telling, unless a single caller brings more. */
const TOLD_MAX = 5_000;

interface Waiting<Event> {
  readonly events: readonly Event[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Tells the store of moved events, those of all rooms of a shard together: each telling takes the lease from the batch that the writer
 * is about to commit. A log that comes back may concern every room of a shard, and one telling a room would stop its writer.
 *
 * What waits is bounded by the rooms in recovery, and by the events that the process keeps.
 */
export class Tellings<Event> {
  readonly #tell: (shard: number, events: readonly Event[]) => Promise<void>;
  /** By shard that was told within the last pause. */
  readonly #waiting = new Map<number, Waiting<Event>[]>();

  constructor(tell: (shard: number, events: readonly Event[]) => Promise<void>) {
    this.#tell = tell;
  }

  /** Resolves when the store knows. @throws what the store throws */
  tell(shard: number, events: readonly Event[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = { events, resolve, reject };
      const waiting = this.#waiting.get(shard);
      if (waiting !== undefined) return void waiting.push(one);
      const first = [one];
      this.#waiting.set(shard, first);
      // It answers its callers one by one; it does not reject.
      void this.#run(shard, first);
    });
  }

  async #run(shard: number, waiting: Waiting<Event>[]): Promise<void> {
    while (waiting.length > 0) {
      const some = takeSome(waiting);
      const [told] = await Promise.allSettled([
        this.#tell(
          shard,
          some.flatMap(({ events }) => events),
        ),
      ]);
      for (const { resolve, reject } of some) told.status === "fulfilled" ? resolve() : reject(told.reason);
      await new Promise((resolve) => setTimeout(resolve, TELLING_PAUSE_MS));
    }
    this.#waiting.delete(shard);
  }
}

function takeSome<Event>(waiting: Waiting<Event>[]): Waiting<Event>[] {
  let count = 0;
  const fits = waiting.findIndex(({ events }, at) => {
    count += events.length;
    return at > 0 && count > TOLD_MAX;
  });
  return waiting.splice(0, fits === -1 ? waiting.length : fits);
}
