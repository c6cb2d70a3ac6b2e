import type { Deliveries, Tails } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import type { EmptiedRoom } from "@hubbub/store";

type Copies = Tails & Pick<Deliveries, "publishControl">;

/** Rooms of one call. */
const ROOMS_PER_CALL = 100;

/**
 * Copies of texts whose deletion is committed: in the tail of the log, and in the memory of gateways. A room stays here until
 * both have dropped them. One entry for each room, so bounded as the marks are. A writer that follows another one finds
 * the deletions in the log.
 */
export class DeletedTexts {
  readonly #broker: Copies;
  readonly #shard: number;
  /** The newest event of the room that deleted a text. */
  readonly #pending = new Map<RoomId, number>();

  constructor(broker: Copies, shard: number) {
    this.#broker = broker;
    this.#shard = shard;
  }

  add(emptied: readonly EmptiedRoom[]): void {
    for (const { room, seq } of emptied) this.#pending.set(room, Math.max(seq, this.#pending.get(room) ?? 0));
  }

  /** For a store that has lost rows: they are stored, and their texts deleted, once more. */
  clear(): void {
    this.#pending.clear();
  }

  /** Call it behind the marks. @throws BrokerUnavailable; what was not dropped stays here */
  async drop(): Promise<void> {
    const pending = [...this.#pending].map(([room, seq]) => ({ room, seq }));
    for (let at = 0; at < pending.length; at += ROOMS_PER_CALL) {
      const some = pending.slice(at, at + ROOMS_PER_CALL);
      const waiting = new Set(await this.#broker.forget(this.#shard, some));
      const done = some.filter(({ room }) => !waiting.has(room));
      if (done.length === 0) continue;
      await this.#broker.publishControl({ type: "texts-deleted", rooms: done.map(({ room }) => room) });
      for (const { room, seq } of done) if (this.#pending.get(room) === seq) this.#pending.delete(room);
    }
  }
}
