import type { RoomId } from "@hubbub/protocol";

/** Rooms that are remembered, at least half as many of those that moved last; of a forgotten one the log is trusted. */
const ROOMS_MAX = 50_000;
/** An epoch that no room has: the log must answer `restarted`. */
const INVALID = -1;

interface RoomMarks {
  seq: number;
  epoch: number;
}

/** What one process has seen of the rooms' numbering: what the log is held to. */
export class HighWaterMarks {
  /** Two generations: what moves is young, and when the young are many the old are forgotten. */
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

  /** Whether an event of the room was taken is not known: in whatever epoch the room is, the store is asked first. */
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
