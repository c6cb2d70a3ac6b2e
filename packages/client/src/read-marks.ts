import type { RoomId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import type { Link } from "./link.ts";

/** A frame for a room at most as often as this, and another try for a frame that the connection had no room for. */
const SEND_MS = 500;

/** Read marks that are not sent yet: the highest of each room is, over any reconnect. */
export class ReadMarks {
  readonly #link: () => Link | undefined;
  /** Bounded by the rooms that the owner reads. */
  readonly #waiting = new Map<RoomId, number>();
  readonly #timer = new Alarm();

  constructor(link: () => Link | undefined) {
    this.#link = link;
  }

  mark(room: RoomId, seq: number): void {
    this.#waiting.set(room, Math.max(seq, this.#waiting.get(room) ?? 0));
    if (!this.#timer.isSet) this.send();
  }

  /** What the connection has room for; the rest a little later. */
  send(): void {
    const link = this.#link();
    if (link === undefined) return;
    for (const [room, seq] of this.#waiting) {
      if (!link.tell({ type: "read", room, seq })) break;
      this.#waiting.delete(room);
    }
    this.#timer.set(SEND_MS, () => {
      if (this.#waiting.size > 0) this.send();
    });
  }

  end(): void {
    this.#timer.clear();
  }
}
