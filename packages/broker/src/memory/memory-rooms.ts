import type { RoomId } from "@hubbub/protocol";
import { MemoryRoom, type TailBytes } from "./memory-room.ts";

/** Upper bound of idle rooms: no subscriber and no uncommitted event. The longest idle ones are evicted first. */
const IDLE_ROOMS_MAX = 2_000;

export interface TailBounds {
  /** Bounds of one tail and of all tails. Events that are not durable count, but are never dropped. */
  readonly tailMaxBytes: number;
  readonly tailsMaxBytes: number;
}

/** An evicted room is `uninitialised` at its next event and starts again above the stored events. */
export class MemoryRooms {
  readonly #rooms = new Map<RoomId, MemoryRoom>();
  readonly #isInUse: (room: RoomId) => boolean;
  /** Rooms in use are not evicted. The next sweep is at a quarter more rooms, so the cost per room is constant. */
  #sweepAt = IDLE_ROOMS_MAX;
  readonly #bounds: TailBounds;
  readonly #tails: TailBytes = { bytes: 0 };
  #dropAt: number;

  constructor(isInUse: (room: RoomId) => boolean, bounds: TailBounds) {
    this.#isInUse = isInUse;
    this.#bounds = bounds;
    this.#dropAt = bounds.tailsMaxBytes;
  }

  /** Bytes of all tails together. */
  get tailBytes(): number {
    return this.#tails.bytes;
  }

  get(room: RoomId): MemoryRoom | undefined {
    return this.#rooms.get(room);
  }

  /** Returns the room and makes it the last one to be evicted. */
  touch(room: RoomId): MemoryRoom | undefined {
    const known = this.#rooms.get(room);
    if (known === undefined) return undefined;
    this.#rooms.delete(room);
    this.#rooms.set(room, known);
    return known;
  }

  add(room: RoomId, epoch: number, seq: number): MemoryRoom {
    if (this.#rooms.size >= this.#sweepAt) this.#sweep();
    const added = new MemoryRoom(room, { epoch, seq }, this.#bounds.tailMaxBytes, this.#tails);
    this.#rooms.set(room, added);
    return added;
  }

  /** Drops durable tails beyond the bound, those of the longest silent rooms first. Call it after commits. */
  boundTails(): void {
    const { tailsMaxBytes } = this.#bounds;
    if (this.#tails.bytes <= this.#dropAt) return;
    // Frees an eighth more than needed, so that the next pass over all rooms is that many bytes away.
    const enough = (tailsMaxBytes * 7) / 8;
    for (const room of this.#rooms.values()) {
      if (this.#tails.bytes <= enough) break;
      room.dropTail();
    }
    this.#dropAt = Math.max(tailsMaxBytes, this.#tails.bytes + tailsMaxBytes / 8);
  }

  #sweep(): void {
    const keep = IDLE_ROOMS_MAX / 2;
    for (const [id, room] of this.#rooms) {
      if (this.#rooms.size <= keep) break;
      if (!room.isSettled || this.#isInUse(id)) continue;
      room.dropTail();
      this.#rooms.delete(id);
    }
    this.#sweepAt = Math.max(IDLE_ROOMS_MAX, Math.ceil(this.#rooms.size * 1.25));
  }
}
