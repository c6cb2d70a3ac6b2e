import type { RoomId } from "@hubbub/protocol";

/** Upper bound of tracked rooms; at least the most recent half is kept. For an evicted room the log is trusted. */
const ROOMS_MAX = 50_000;
/** An epoch that no room has: the log must answer `restarted`. */
const INVALID = -1;

interface RoomMarks {
  seq: number;
  epoch: number;
}

/** The highest seq and epoch of each room that this process has seen. The log must not be behind them. */
export class HighWaterMarks {
  /** Two generations: a room that moves is young. When the young ones reach half the bound, the old ones are evicted. */
  #young = new Map<RoomId, RoomMarks>();
  #old = new Map<RoomId, RoomMarks>();

  /** The highest seq; 0: none. */
  seq(room: RoomId): number {
    return this.#find(room)?.seq ?? 0;
  }

  /** The newest epoch that an event of this process was numbered in, since the room was restarted; 0: none. */
  epoch(room: RoomId): number {
    return this.#find(room)?.epoch ?? 0;
  }

  saw(room: RoomId, seq: number): void {
    const known = this.#keep(room);
    if (seq > known.seq) known.seq = seq;
  }

  numbered(room: RoomId, seq: number, epoch: number): void {
    const known = this.#keep(room);
    if (seq > known.seq) known.seq = seq;
    if (epoch > known.epoch) known.epoch = epoch;
  }

  /** The room goes on in this epoch, which is a lower one when an older state of the store was restored. */
  restarted(room: RoomId, epoch: number): void {
    this.#keep(room).epoch = epoch;
  }

  /** An event of the room may or may not have been accepted. If no epoch is known, the next accept must recover the room first. */
  invalidate(room: RoomId): void {
    const known = this.#keep(room);
    if (known.epoch === 0) known.epoch = INVALID;
  }

  #find(room: RoomId): RoomMarks | undefined {
    return this.#young.get(room) ?? this.#old.get(room);
  }

  #keep(room: RoomId): RoomMarks {
    const young = this.#young.get(room);
    if (young !== undefined) return young;
    const kept = this.#old.get(room) ?? { seq: 0, epoch: 0 };
    if (this.#young.size >= ROOMS_MAX / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(room, kept);
    return kept;
  }
}
