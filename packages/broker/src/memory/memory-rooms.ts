import type { RoomId } from "@hubbub/protocol";
import { MemoryRoom, type TailBytes } from "./memory-room.ts";

/** Rooms kept though nobody is subscribed and nothing waits to be committed; the longest idle ones go first. */
const IDLE_ROOMS_MAX = 2_000;

export interface TailBounds {
  /** Of one room, and of all together; what is not durable counts and is kept. */
  readonly tailMaxBytes: number;
  readonly tailsMaxBytes: number;
}

/** A room that was let go is `uninitialised` when somebody comes back to it, and starts again above what is stored. */
export class MemoryRooms {
  readonly #rooms = new Map<RoomId, MemoryRoom>();
  readonly #isInUse: (room: RoomId) => boolean;
  /** Rooms in use count on top of the bound; sweeping again at a quarter more keeps the cost per room constant. */
  #sweepAt = IDLE_ROOMS_MAX;
  readonly #bounds: TailBounds;
  readonly #tails: TailBytes = { bytes: 0 };
  #dropAt: number;

  constructor(isInUse: (room: RoomId) => boolean, bounds: TailBounds) {
    this.#isInUse = isInUse;
    this.#bounds = bounds;
    this.#dropAt = bounds.tailsMaxBytes;
  }

  /** Bytes of all tails. */
  get tailBytes(): number {
    return this.#tails.bytes;
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
    const added = new MemoryRoom(room, { epoch, seq }, this.#bounds.tailMaxBytes, this.#tails);
    this.#rooms.set(room, added);
    return added;
  }

  /** Call it behind commits: past the bound tails go, of the rooms first that have been silent for longest. */
  boundTails(): void {
    const { tailsMaxBytes } = this.#bounds;
    if (this.#tails.bytes <= this.#dropAt) return;
    // An eighth less, so that the next look at all rooms is that many bytes away, whatever this one found.
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
