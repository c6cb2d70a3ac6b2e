import type { Deliveries, Forgettable, Tails } from "@hubbub/broker";
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
  /** The newest event of the room that deleted a text, and the newest row that this writer knows of. */
  readonly #pending = new Map<RoomId, Omit<Forgettable, "room">>();

  constructor(broker: Copies, shard: number) {
    this.#broker = broker;
    this.#shard = shard;
  }

  /** `stored`: what else of the room is stored; by default no more than the deletion. */
  add(emptied: readonly (EmptiedRoom & { readonly stored?: number })[]): void {
    for (const { room, seq, stored = seq } of emptied) {
      const known = this.#pending.get(room);
      const [newest, upTo] = [Math.max(seq, known?.seq ?? 0), Math.max(stored, known?.stored ?? 0)];
      this.#pending.set(room, { seq: newest, stored: upTo });
    }
  }

  /** These rows are committed, in the order of the log. */
  stored(rows: readonly Pick<Forgettable, "room" | "seq">[]): void {
    if (this.#pending.size === 0) return;
    for (const { room, seq } of rows) {
      const known = this.#pending.get(room);
      if (known !== undefined && known.stored < seq) this.#pending.set(room, { ...known, stored: seq });
    }
  }

  /** For a store that has lost rows: they are stored, and their texts deleted, once more. */
  clear(): void {
    this.#pending.clear();
  }

  /** Call it behind the marks. @throws BrokerUnavailable; what was not dropped stays here */
  async drop(): Promise<void> {
    const pending = [...this.#pending].map(([room, upTo]) => ({ room, ...upTo }));
    for (let at = 0; at < pending.length; at += ROOMS_PER_CALL) {
      const some = pending.slice(at, at + ROOMS_PER_CALL);
      const waiting = new Set(await this.#broker.forget(this.#shard, some));
      const done = some.filter(({ room }) => !waiting.has(room));
      if (done.length === 0) continue;
      await this.#broker.publishControl({ type: "texts-deleted", rooms: done.map(({ room }) => room) });
      for (const { room, seq } of done) if (this.#pending.get(room)?.seq === seq) this.#pending.delete(room);
    }
  }
}
