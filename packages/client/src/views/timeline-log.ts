import type { HistoryPage, RoomEvent } from "@hubbub/protocol";
import { type Message, Messages } from "../messages.ts";
import type { Position } from "../room-cursor.ts";
import type { Gap } from "../room-listener.ts";
import {
  isShown,
  isStored,
  itemOfGap,
  itemOfMessage,
  itemOfNote,
  type TimelineItem,
  type TimelineMessage,
} from "./timeline-items.ts";

/** Of a message and its places in the maps, without its text. */
const ITEM_BYTES = 512;

/** The part of a room's log that a timeline shows: from `oldest` on without a hole but its `gaps`. */
export class TimelineLog {
  readonly #messages = new Messages();
  /** Events that are shown and are no messages. */
  readonly #notes = new Map<number, RoomEvent>();
  /** Items made before: what did not change stays the same object. */
  readonly #made = new Map<number, { readonly message: Message; readonly item: TimelineMessage }>();
  /** Bytes of what is shown, by seq. */
  readonly #shown = new Map<number, number>();
  /** Its seqs, rising. */
  #seqs: number[] = [];
  #gaps: readonly Gap[] = [];
  #bytes = 0;
  #mark: Position | undefined;
  #epoch: number | undefined;
  /** Everything from here on is loaded. */
  oldest = 1;
  /** Everything up to here was told. */
  newest = 0;

  get size(): number {
    return this.#seqs.length;
  }

  /** Nothing is loaded; from behind `at` on everything is heard. */
  begin(at: Position, mark: Position | undefined): void {
    this.oldest = at.seq + 1;
    this.newest = at.seq;
    this.#epoch = at.epoch;
    this.#mark = mark;
    if (mark !== undefined) this.#messages.durable(mark.seq, mark.epoch);
  }

  add(event: RoomEvent, from?: number): void {
    if (from !== undefined) this.#hide(from);
    this.#messages.add(event, from);
    this.#show(event);
    this.newest = Math.max(this.newest, event.seq);
  }

  /** An older page. Answers whether it had anything. */
  addOlder({ messages, ...page }: HistoryPage): boolean {
    const fresh = messages.filter(({ seq }) => seq < this.oldest);
    this.#messages.addPage({ messages, ...page });
    for (const event of fresh) this.#show(event);
    this.oldest = fresh[0]?.seq ?? this.oldest;
    return fresh.length > 0;
  }

  /** A page behind `gap.from`: what it has is no gap any more. */
  fillGap(gap: Gap, { messages, ...page }: HistoryPage): void {
    const inside = messages.filter(({ seq }) => seq >= gap.from && seq <= gap.to);
    this.#messages.addPage({ messages: inside, ...page });
    for (const event of inside) this.#show(event);
    const last = page.cursor === undefined ? gap.to : (messages.at(-1)?.seq ?? gap.to);
    const others = this.#gaps.filter((one) => one !== gap);
    this.#gaps = last >= gap.to ? others : [...others, { ...gap, from: last + 1 }].sort((a, b) => a.from - b.from);
  }

  gapFrom(from: number): Gap | undefined {
    return this.#gaps.find((gap) => gap.from === from);
  }

  addGap(gap: Gap): void {
    this.newest = Math.max(this.newest, gap.to);
    if (gap.reason !== "epoch") {
      this.#gaps = [...this.#gaps, gap];
      return;
    }
    this.#messages.lost(gap);
    this.oldest = Math.min(this.oldest, gap.from);
    for (const seq of this.#seqs.filter((one) => one >= gap.from && one <= gap.to)) this.#hide(seq);
  }

  epoch(epoch: number): void {
    this.#epoch = epoch;
  }

  durable(seq: number, epoch: number): void {
    this.#mark = { seq, epoch };
    this.#messages.durable(seq, epoch);
  }

  /** Drops the oldest, down to these bounds. Answers whether it dropped any. */
  trim(maxItems: number, maxBytes: number): boolean {
    const before = this.oldest;
    while (this.#seqs.length > maxItems || (this.#bytes > maxBytes && this.#seqs.length > 1)) {
      const [dropped = 0] = this.#seqs;
      this.#hide(dropped);
      this.oldest = dropped + 1;
    }
    // Replies that only their threads show are held for nothing.
    if (this.#messages.size > 2 * maxItems) this.#messages.retain((seq) => this.#shown.has(seq));
    if (this.oldest === before) return false;
    this.#gaps = this.#gaps.filter((gap) => gap.to >= this.oldest);
    this.#messages.retain((seq) => seq >= this.oldest);
    return true;
  }

  items(me: string | undefined): TimelineItem[] {
    const gaps = [...this.#gaps];
    return this.#seqs
      .flatMap((seq) => {
        const before: TimelineItem[] = [];
        while (gaps[0] !== undefined && gaps[0].to < seq) before.push(itemOfGap(gaps.shift() as Gap));
        const item = this.#itemAt(seq, me);
        return item === undefined ? before : [...before, item];
      })
      .concat(gaps.map(itemOfGap));
  }

  #itemAt(seq: number, me: string | undefined): TimelineItem | undefined {
    const note = this.#notes.get(seq);
    if (note !== undefined) return itemOfNote(note);
    const message = this.#messages.get(seq);
    // It has come back under another seq, where it is shown.
    if (message?.event.seq !== seq) return undefined;
    const delivery = isStored(message.event, this.#mark, this.#epoch) ? "stored" : "accepted";
    const made = this.#made.get(seq);
    if (made?.item.delivery === delivery && made.item.isOwn === (message.event.by.id === me)) {
      if (made.message.state === message.state && made.message.event === message.event) return made.item;
    }
    const item = itemOfMessage(message, delivery, me);
    this.#made.set(seq, { message, item });
    return item;
  }

  #show(event: RoomEvent): void {
    for (const lost of event.was ?? []) this.#hide(lost);
    if (!isShown(event)) return;
    if (event.kind !== "message") this.#notes.set(event.seq, event);
    if (this.#shown.has(event.seq)) return;
    this.#shown.set(event.seq, bytesOf(event));
    this.#bytes += bytesOf(event);
    const isInOrder = event.seq > (this.#seqs.at(-1) ?? 0);
    this.#seqs.push(event.seq);
    if (!isInOrder) this.#seqs.sort((a, b) => a - b);
  }

  #hide(seq: number): void {
    this.#bytes -= this.#shown.get(seq) ?? 0;
    if (!this.#shown.delete(seq)) return;
    this.#seqs = this.#seqs.filter((one) => one !== seq);
    this.#notes.delete(seq);
    this.#made.delete(seq);
  }
}

function bytesOf(event: RoomEvent): number {
  return ITEM_BYTES + (event.kind === "message" ? 2 * event.text.length : 0);
}
