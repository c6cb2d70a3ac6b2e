import { ProtocolError, type RoomId } from "@hubbub/protocol";
import { isUnavailable, type Store } from "@hubbub/store";
import { LRUCache } from "lru-cache";
import type { Position } from "../connections/subscription.ts";
import { createLimit } from "../limit.ts";

/** Cached answers; each is two numbers and a key of some 60 bytes. As `maxSize`: `max` would allocate all places at once. */
const ANSWERS_MAX = 20_000;
/** For an epoch that has ended: it does not change. */
const ENDED_TTL_MS = 600_000;
/** For the newest or an unknown epoch: the answer may change soon. */
const OPEN_TTL_MS = 1_000;
const QUESTIONS_AT_ONCE = 4;
const QUESTIONS_WAITING_MAX = 4_096;

/** `common`: the last seq that both branches share, 0: unknown. `from`: the events of the present branch follow it. */
export interface Fork {
  readonly common: number;
  readonly from: Position;
}

type Around = Awaited<ReturnType<Store["rooms"]["epochAround"]>>;

/**
 * Tells whether a position belongs to the present branch of a room. A restore of the database begins a new branch: events
 * after the backup are gone, and their numbers may stand for other events.
 *
 * The store is asked once for each room and epoch, not for each client.
 */
export class Lineage {
  readonly #answers: LRUCache<string, Around, Pick<Position, "epoch"> & { room: RoomId }>;
  readonly #limit = createLimit(QUESTIONS_AT_ONCE, QUESTIONS_WAITING_MAX, "too many epochs are asked for at once");

  constructor(rooms: Pick<Store["rooms"], "epochAround">) {
    this.#answers = new LRUCache({
      maxSize: ANSWERS_MAX,
      sizeCalculation: () => 1,
      ttl: ENDED_TTL_MS,
      fetchMethod: async (_key, _stale, { options, context: { room, epoch } }) => {
        const around = await this.#limit(() => rooms.epochAround(room, epoch));
        if (!around.isKnown || around.next === null) options.ttl = OPEN_TTL_MS;
        return around;
      },
    });
  }

  /**
   * Where the present branch left that of the position; null: it is the same branch. `now`: a position of the present one.
   * @throws ProtocolError unavailable, overloaded
   */
  async forkOf(room: RoomId, position: Position, now: Position): Promise<Fork | null> {
    if (position.seq === 0) return null;
    const { isKnown, begin: beginThen, next } = await this.#around(room, position.epoch);
    // Two processes began an epoch, and the log took the other one: nothing was ever numbered in this one.
    if (now.epoch < position.epoch && beginThen !== null && position.seq <= beginThen)
      return { common: position.seq, from: { seq: position.seq, epoch: now.epoch } };
    if (isKnown) {
      const isSame = next === null || position.seq <= next.head;
      return isSame ? null : { common: next.head, from: { seq: next.head, epoch: next.epoch } };
    }
    // The fork is unknown. The events of the present epoch belong to the present branch.
    const { begin } = await this.#around(room, now.epoch);
    return { common: 0, from: { epoch: now.epoch, seq: Math.min(begin ?? now.seq, now.seq) } };
  }

  async #around(room: RoomId, epoch: number): Promise<Around> {
    const around = await this.#answers.fetch(`${room} ${epoch}`, { context: { room, epoch } }).catch(refuse);
    if (around === undefined) throw new Error("the lookup of an epoch was given up");
    return around;
  }
}

function refuse(error: unknown): never {
  throw isUnavailable(error) ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
