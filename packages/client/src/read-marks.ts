import type { RoomId } from "@hubbub/protocol";
import { Alarm } from "./alarm.ts";
import type { Link } from "./link.ts";

/** A frame for a room at most as often as this, and another try for a frame that the connection had no room for. */
const SEND_MS = 500;
/** A connection that is lost within this may have lost the frame. It is sent again then: marks only move forwards. */
const LOST_WITHIN_MS = 60_000;

/** Read marks that are not sent yet: the highest of each room is, over any reconnect. */
export class ReadMarks {
  readonly #link: () => Link | undefined;
  /** Bounded by the rooms that the owner reads. */
  readonly #waiting = new Map<RoomId, number>();
  /** The last one of each room on this connection, and when it was sent. */
  readonly #sent = new Map<RoomId, { readonly seq: number; readonly at: number }>();
  readonly #timer = new Alarm();

  constructor(link: () => Link | undefined) {
    this.#link = link;
  }

  mark(room: RoomId, seq: number): void {
    this.#waiting.set(room, Math.max(seq, this.#waiting.get(room) ?? 0));
    if (!this.#timer.isSet) this.send();
  }

  /** Sends what an earlier connection may have lost, and what waits. */
  linkReady(): void {
    const from = Date.now() - LOST_WITHIN_MS;
    const lost = [...this.#sent].filter(([, { at }]) => at >= from);
    this.#sent.clear();
    for (const [room, { seq }] of lost) this.#waiting.set(room, Math.max(seq, this.#waiting.get(room) ?? 0));
    this.send();
  }

  /** What the connection has room for; the rest a little later. */
  send(): void {
    const link = this.#link();
    if (link === undefined) return;
    for (const [room, seq] of this.#waiting) {
      if (!link.tell({ type: "read", room, seq })) break;
      this.#waiting.delete(room);
      this.#sent.set(room, { seq, at: Date.now() });
    }
    this.#timer.set(SEND_MS, () => {
      if (this.#waiting.size > 0) this.send();
    });
  }

  /** The end of the client. What waits goes, if there is still a connection. */
  end(): void {
    this.send();
    this.#timer.clear();
  }
}
