import type { RoomId } from "@hubbub/protocol";

/** Rooms that are remembered; of a forgotten one the log is trusted. */
const ROOMS_MAX = 50_000;
/** An epoch that no room has: the log must answer `restarted`. */
const DOUBTED = -1;

interface SeenRoom {
  seq: number;
  epoch: number;
}

/** What one process has seen of the rooms' numbering: what the log is held to. */
export class Seen {
  /** Least recently moved first. */
  readonly #rooms = new Map<RoomId, SeenRoom>();

  /** The highest seq; 0: none. */
  seq(room: RoomId): number {
    return this.#rooms.get(room)?.seq ?? 0;
  }

  /** The newest epoch that an event of this process was numbered in; 0: none. */
  epoch(room: RoomId): number {
    return this.#rooms.get(room)?.epoch ?? 0;
  }

  saw(room: RoomId, seq: number): void {
    if (seq > this.seq(room)) this.#move(room, seq, this.epoch(room));
  }

  numbered(room: RoomId, seq: number, epoch: number): void {
    const known = this.#rooms.get(room);
    if (known === undefined || seq > known.seq || epoch > known.epoch) {
      this.#move(room, Math.max(seq, known?.seq ?? 0), Math.max(epoch, known?.epoch ?? 0));
    }
  }

  /** Whether an event of the room was taken is not known: in whatever epoch the room is, the store is asked first. */
  doubt(room: RoomId): void {
    if (this.epoch(room) === 0) this.#move(room, this.seq(room), DOUBTED);
  }

  #move(room: RoomId, seq: number, epoch: number): void {
    this.#rooms.delete(room);
    this.#rooms.set(room, { seq, epoch });
    if (this.#rooms.size <= ROOMS_MAX) return;
    for (const oldest of this.#rooms.keys()) {
      this.#rooms.delete(oldest);
      break;
    }
  }
}
