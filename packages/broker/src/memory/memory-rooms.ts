import type { RoomId } from "@hubbub/protocol";
import { MemoryRoom } from "./memory-room.ts";

/** Rooms kept though nobody is subscribed and nothing waits to be committed; the longest idle ones go first. */
const IDLE_ROOMS_MAX = 2_000;

/** A room that was let go is `uninitialised` when somebody comes back to it, and starts again above what is stored. */
export class MemoryRooms {
  readonly #rooms = new Map<RoomId, MemoryRoom>();
  readonly #isInUse: (room: RoomId) => boolean;
  /** Rooms in use count on top of the bound; sweeping again at a quarter more keeps the cost per room constant. */
  #sweepAt = IDLE_ROOMS_MAX;

  constructor(isInUse: (room: RoomId) => boolean) {
    this.#isInUse = isInUse;
  }

  get(room: RoomId): MemoryRoom | undefined {
    return this.#rooms.get(room);
  }

  /** The room, as the last to be let go. */
  touch(room: RoomId): MemoryRoom | undefined {
    const known = this.#rooms.get(room);
    if (known === undefined) return undefined;
    this.#rooms.delete(room);
    this.#rooms.set(room, known);
    return known;
  }

  add(room: RoomId, epoch: number, seq: number): MemoryRoom {
    if (this.#rooms.size >= this.#sweepAt) this.#sweep();
    const added = new MemoryRoom(room, epoch, seq);
    this.#rooms.set(room, added);
    return added;
  }

  #sweep(): void {
    const keep = IDLE_ROOMS_MAX / 2;
    for (const [id, room] of this.#rooms) {
      if (this.#rooms.size <= keep) break;
      if (room.isSettled && !this.#isInUse(id)) this.#rooms.delete(id);
    }
    this.#sweepAt = Math.max(IDLE_ROOMS_MAX, Math.ceil(this.#rooms.size * 1.25));
  }
}
