import { MENTIONS_MAX, type RoomEvent, type RoomId, type ServerFrameOf } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import type { Position } from "../room-cursor.ts";

/** As the server does: one frame a second of a room. */
const TELL_MS = 1_000;
const PREVIEW_MAX = 120;

type Head = ServerFrameOf<"head">;

/** Makes heads of a room's events, for tabs that follow its head while another one hears its events. */
export class HeadDigest {
  readonly #room: RoomId;
  readonly #tell: (frame: Head) => void;
  readonly #quiet = new Alarm();
  #at: Position | undefined;
  #news: Pick<Head, "at" | "by" | "preview"> = {};
  #newestMessage = 0;
  #mentions: Head["mentions"];

  constructor(room: RoomId, tell: (frame: Head) => void) {
    this.#room = room;
    this.#tell = tell;
  }

  add(event: RoomEvent): void {
    this.#take(event);
    this.at({ seq: event.seq, epoch: event.epoch });
  }

  /** The room stands here now; what led there is not known. */
  at(position: Position): void {
    if (this.#at?.seq === position.seq && this.#at.epoch === position.epoch) return;
    this.#at = position;
    if (!this.#quiet.isSet) this.#flush();
  }

  end(): void {
    this.#quiet.clear();
  }

  #take(event: RoomEvent): void {
    const { at, by } = event;
    if (event.kind === "delete" && event.target === this.#newestMessage) this.#news = { at, by };
    if (event.kind !== "message") {
      if (this.#newestMessage === 0) this.#news = { at, by };
      return;
    }
    const { names = [], ...others } = event.mentions ?? {};
    const joined = [...new Set([...(this.#mentions?.names ?? []), ...names])].slice(0, MENTIONS_MAX);
    if (event.mentions !== undefined) {
      this.#mentions = { ...this.#mentions, ...others, ...(joined.length === 0 ? {} : { names: joined }) };
    }
    if (event.thread !== undefined && event.broadcast !== true) return;
    this.#newestMessage = event.seq;
    const preview = [...event.text.slice(0, 2 * PREVIEW_MAX)].slice(0, PREVIEW_MAX).join("");
    this.#news = { at, by, preview };
  }

  #flush(): void {
    if (this.#at === undefined) return;
    const mentions = this.#mentions === undefined ? {} : { mentions: this.#mentions };
    this.#tell({ type: "head", room: this.#room, ...this.#at, ...this.#news, ...mentions });
    this.#news = {};
    this.#newestMessage = 0;
    this.#mentions = undefined;
    const told = this.#at;
    this.#quiet.set(TELL_MS, () => this.#at !== told && this.#flush());
  }
}
