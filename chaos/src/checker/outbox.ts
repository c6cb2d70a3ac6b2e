export interface OutboxEntry {
  readonly room: string;
  readonly id: string;
  /** The frame but for `ref`, `room` and `id`. */
  readonly frame: { readonly type: string; readonly text?: string | undefined };
  /** Monotonic ms before which it is not sent again. */
  waitUntil: number;
  /** Sent on the connection that is open now. */
  isUnderWay: boolean;
  /** It has come back as an event of the room: whatever the answer to it says, it was taken. */
  isSeen: boolean;
}

/** Events without an ack; one more is not taken. */
const ENTRIES_MAX = 10_000;

/** What a client has to say, in its order, until it is acked or refused for good. */
export class Outbox {
  readonly #entries = new Map<string, OutboxEntry>();
  readonly #underWayMax: number;
  #underWay = 0;

  constructor(underWayMax: number) {
    this.#underWayMax = underWayMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Events but for messages. */
  get changes(): number {
    return [...this.#entries.values()].filter(({ frame }) => frame.type !== "publish").length;
  }

  /** False at the bound. */
  add(entry: Pick<OutboxEntry, "room" | "id" | "frame">): boolean {
    if (this.#entries.size >= ENTRIES_MAX) return false;
    this.#entries.set(entry.id, { ...entry, waitUntil: 0, isUnderWay: false, isSeen: false });
    return true;
  }

  /** One change that is refused holds no other event back: it needs the store, and messages do not. */
  isChange(id: string): boolean {
    return this.#entries.get(id)?.frame.type !== "publish";
  }

  holdBack(id: string, until: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.waitUntil = until;
  }

  /** What may be sent now, in order, and counts as sent. */
  *take(now: number, mayRoom: (room: string) => boolean): Generator<OutboxEntry> {
    for (const entry of this.#entries.values()) {
      if (this.#underWay >= this.#underWayMax) return;
      if (entry.isUnderWay || now < entry.waitUntil || !mayRoom(entry.room)) continue;
      entry.isUnderWay = true;
      this.#underWay += 1;
      yield entry;
    }
  }

  /** The answer came: done, or to be sent again. */
  answered(id: string, isDone: boolean): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.isUnderWay) this.#underWay -= 1;
    entry.isUnderWay = false;
    if (isDone || entry.isSeen) this.#entries.delete(id);
  }

  /** The event was seen in the room: one whose ack got lost, or comes no more, needs none. */
  seen(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isSeen = true;
    if (!entry.isUnderWay) this.#entries.delete(id);
  }

  /** The connection is gone: what was under way is sent again. */
  lost(): void {
    this.#underWay = 0;
    for (const entry of this.#entries.values()) {
      entry.isUnderWay = false;
      entry.waitUntil = 0;
      if (entry.isSeen) this.#entries.delete(entry.id);
    }
  }
}
