import type { HistoryPage, RoomEvent } from "@hubbub/protocol";
import type { Place } from "./cursor.ts";

/** Events that came and are not taken. At the bound they are let go, and read from the history when it is their turn. */
const LIVE_MAX = 200;
const PAGE_EVENTS = 100;
/** While the log is away a page has what is stored, and the room is read again after this. */
const AWAY_MS = 2_000;

/** A page of the history behind a seq. */
export type ReadPage = (query: { after: number; limit: number }) => Promise<HistoryPage>;

/**
 * The events of a room behind a place, in order, as fast as they are taken. Live ones are used where nothing is missing before
 * them; everything else comes from the history, page by page.
 */
export class Inbox {
  readonly #read: ReadPage;
  #place: Place;
  #live: RoomEvent[] = [];
  /** There may be something that was not heard live. */
  #mustRead = true;
  #wake: (() => void) | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(place: Place, read: ReadPage) {
    this.#place = place;
    this.#read = read;
  }

  /** The last event that was taken. */
  get place(): Place {
    return this.#place;
  }

  /** An event that came live. */
  offer(event: RoomEvent): void {
    if (this.#live.length >= LIVE_MAX) this.look();
    else {
      this.#live.push(event);
      this.#wake?.();
    }
  }

  /** Something may have been missed. */
  look(): void {
    this.#live = [];
    this.#mustRead = true;
    this.#wake?.();
  }

  /** The next ones, with the place behind each; waits until there are any. */
  async next(): Promise<readonly { readonly event: RoomEvent; readonly place: Place }[]> {
    for (;;) {
      const live = this.#takeLive();
      if (live.length > 0) return live.map((event) => this.#taken(event));
      if (this.#mustRead) {
        this.#mustRead = false;
        const page = await this.#readPage();
        if (page.length > 0) return page.map((event) => this.#taken(event));
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }

  /** Those that follow the place without a gap. */
  #takeLive(): readonly RoomEvent[] {
    const { epoch, seq } = this.#place;
    const events = this.#live.filter((event) => event.epoch !== epoch || event.seq > seq);
    this.#live = [];
    const follow = events.every((event, at) => event.epoch === epoch && event.seq === seq + 1 + at);
    if (!follow) this.#mustRead = true;
    return follow ? events : [];
  }

  async #readPage(): Promise<readonly RoomEvent[]> {
    const page = await this.#read({ after: this.#place.seq, limit: PAGE_EVENTS }).catch((error: unknown) => {
      this.#mustRead = true;
      throw error;
    });
    // Without Redis the epoch is that of the stored part, which may be an older one.
    if (page.epoch !== this.#place.epoch && page.partial !== true) {
      const { seq } = this.#place;
      // A head below the place: an older state of the room was restored, and its numbers are given again.
      this.#place = { epoch: page.epoch, seq: Math.min(seq, page.head), former: seq };
      if (page.head < seq) this.#mustRead = true;
    }
    const messages = page.messages.filter(({ seq }) => seq > this.#place.seq);
    const cursor = page.cursor ?? 0;
    // A page without events may still have a cursor. Only what leads on is followed.
    if (messages.length === 0 && cursor > this.#place.seq) this.#place = { ...this.#place, seq: cursor };
    else if (messages.length === 0) {
      if (page.partial === true) this.#lookLater();
      return [];
    }
    // There may be more behind the page.
    this.#mustRead = true;
    return messages;
  }

  /** What is not stored yet was missing from a page, and nothing may tell of that. */
  #lookLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.look();
    }, AWAY_MS).unref();
  }

  #taken(event: RoomEvent): { event: RoomEvent; place: Place } {
    this.#place = { ...this.#place, seq: event.seq };
    return { event, place: this.#place };
  }
}

/** Whether an event that moved into a new epoch was answered in the one before. */
export function wasAnswered({ was = [] }: RoomEvent, { former }: Place): boolean {
  return was.length > 0 && Math.max(...was) <= former;
}
