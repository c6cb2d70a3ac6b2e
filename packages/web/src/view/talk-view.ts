import type { App } from "../app.ts";
import type { ChatState, OpenRoom } from "../state.ts";
import type { Item, Message } from "../timeline.ts";
import { byId, place } from "./element.ts";
import { viewDraft, viewItem } from "./item-view.ts";

/** How near the end counts as being there, so that new messages are followed. */
const END_PX = 60;

interface Shown {
  readonly item: Item;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  readonly row: HTMLLIElement;
}

/** The open room. Rows whose message did not change stay the same elements. */
export class TalkView {
  readonly #talk = byId("talk", HTMLElement);
  readonly #scroll = byId("scroll", HTMLElement);
  readonly #items = byId("items", HTMLOListElement);
  readonly #drafts = byId("drafts", HTMLOListElement);
  readonly #older = byId("older", HTMLButtonElement);
  readonly #newest = byId("newest", HTMLButtonElement);
  #shown = new Map<number, Shown>();
  #openId: string | undefined;

  constructor(app: App) {
    // Not every browser lets the keyboard scroll what cannot be focused.
    this.#scroll.tabIndex = 0;
    this.#older.addEventListener("click", () => app.loadOlder());
    new IntersectionObserver(([entry]) => entry?.isIntersecting && app.loadOlder(), { root: this.#scroll }).observe(
      this.#older,
    );
    this.#newest.addEventListener("click", () => this.#toEnd());
    this.#scroll.addEventListener("scroll", () => {
      if (this.#isAtEnd()) this.#newest.hidden = true;
    });
  }

  render({ open, me }: ChatState): void {
    this.#talk.classList.toggle("empty", open === undefined);
    const isOther = open?.room.id !== this.#openId;
    this.#openId = open?.room.id;
    if (isOther) this.#shown = new Map();
    if (open === undefined) return;
    byId("talk-name", HTMLElement).textContent = open.room.name;
    byId("talk-topic", HTMLElement).textContent = open.room.topic;
    this.#older.hidden = !open.timeline.hasOlder;
    this.#older.disabled = open.isLoading;
    this.#renderItems(open, me.id, isOther);
  }

  #renderItems(open: OpenRoom, me: string, isOther: boolean): void {
    const wasAtEnd = isOther || this.#isAtEnd();
    const firstBefore = this.#shown.values().next().value?.item.seq;
    const lastBefore = [...this.#shown.keys()].at(-1) ?? 0;
    const heightBefore = this.#scroll.scrollHeight;
    const { items, drafts } = open.timeline;
    const isPrepended = firstBefore !== undefined && (items[0]?.seq ?? 0) < firstBefore;
    // Older messages are not news: they are not to be read out.
    this.#items.ariaLive = isPrepended || isOther ? "off" : "polite";
    this.#shown = this.#nextRows(open, me);
    place(
      this.#items,
      [...this.#shown.values()].map(({ row }) => row),
    );
    place(this.#drafts, drafts.map(viewDraft));
    if (wasAtEnd) this.#toEnd();
    else if (isPrepended) this.#scroll.scrollTop += this.#scroll.scrollHeight - heightBefore;
    else if ((items.at(-1)?.seq ?? 0) > lastBefore) this.#newest.hidden = false;
  }

  #nextRows({ timeline }: OpenRoom, me: string): Map<number, Shown> {
    const bySeq = new Map(timeline.items.map((item) => [item.seq, item]));
    const next = new Map<number, Shown>();
    let previous: Item | undefined;
    for (const item of timeline.items) {
      const isStored = item.seq <= timeline.durableSeq;
      const known = this.#shown.get(item.seq);
      const isSame = known?.item === item && known.previous === previous && known.isStored === isStored;
      const quoted = item.kind === "message" && item.replyTo !== undefined ? bySeq.get(item.replyTo) : undefined;
      const row = isSame ? known.row : viewItem(item, { me, previous, isStored, quoted: asMessage(quoted) });
      next.set(item.seq, { item, previous, isStored, row });
      previous = item;
    }
    return next;
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < END_PX;
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#newest.hidden = true;
  }
}

function asMessage(item: Item | undefined): Message | undefined {
  return item?.kind === "message" ? item : undefined;
}
