import type { RoomId } from "@hubbub/protocol";
import { Semaphore } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import { LRUCache } from "lru-cache";
import type { Position } from "../connections/subscription.ts";
import { overloaded } from "../overloaded.ts";

/** Cached answers; each is two numbers and a key of some 60 bytes. */
const ANSWERS_MAX = 20_000;
/** For an epoch that has ended: it does not change. */
const ENDED_TTL_MS = 600_000;
/** For the newest or an unknown epoch: the answer may change soon. */
const OPEN_TTL_MS = 1_000;
const QUESTIONS_AT_ONCE = 4;
const QUESTIONS_WAITING_MAX = 4_096;

type Around = Awaited<ReturnType<Store["rooms"]["epochAround"]>>;

/**
 * Tells whether a position belongs to the present life of a room. It does not after a restore of the database: events
 * behind the backup are gone, and their numbers may stand for other events.
 *
 * The store is asked once for each room and epoch, not for each client.
 */
export class Lineage {
  readonly #answers: LRUCache<string, Around, Pick<Position, "epoch"> & { room: RoomId }>;
  readonly #queries = new Semaphore({
    permits: QUESTIONS_AT_ONCE,
    queueMax: QUESTIONS_WAITING_MAX,
    full: () => overloaded("too many epochs are asked for at once"),
  });

  constructor(rooms: Pick<Store["rooms"], "epochAround">) {
    this.#answers = new LRUCache({
      max: ANSWERS_MAX,
      ttl: ENDED_TTL_MS,
      fetchMethod: async (_key, _stale, { options, context: { room, epoch } }) => {
        const around = await this.#queries.run(() => rooms.epochAround(room, epoch));
        if (!around.isKnown || around.next === null) options.ttl = OPEN_TTL_MS;
        return around;
      },
    });
  }

  /**
   * Where the life of this room left the one that the position is from; null: it is the same. Of an epoch that never was
   * here nobody can tell: seq 0.
   * @throws ProtocolError overloaded; what the store throws
   */
  async parting(room: RoomId, { seq, epoch }: Position): Promise<Position | null> {
    if (seq === 0) return null;
    const { isKnown, next } = await this.#around(room, epoch);
    if (!isKnown) return { seq: 0, epoch: 0 };
    return next !== null && seq > next.head ? { seq: next.head, epoch: next.epoch } : null;
  }

  /** Above which number this epoch of the room began; null: not known. @throws as `parting` */
  async begin(room: RoomId, epoch: number): Promise<number | null> {
    return (await this.#around(room, epoch)).begin;
  }

  async #around(room: RoomId, epoch: number): Promise<Around> {
    const around = await this.#answers.fetch(`${room} ${epoch}`, { context: { room, epoch } });
    if (around === undefined) throw new Error("the question for an epoch was given up");
    return around;
  }
}
