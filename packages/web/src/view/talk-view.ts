import type { RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Talk } from "../conversation.ts";
import type { ChatState } from "../state.ts";
import { type Draft, type Item, isInRoom, type Message, shownItems } from "../timeline.ts";
import { byId, place } from "./element.ts";
import { type DraftActions, viewDraft, viewItem } from "./item-view.ts";
import type { MessageActions } from "./message-view.ts";
import { measureTexts } from "./text-view.ts";

/** How near the end counts as being there, so that new messages are followed. */
const END_PX = 60;

interface Shown {
  readonly item: Item;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  readonly row: HTMLLIElement;
}

/** The messages of the open room. Rows whose message did not change stay the same elements. */
export class TalkView {
  readonly #app: App;
  readonly #scroll = byId("scroll", HTMLElement);
  readonly #items = byId("items", HTMLOListElement);
  readonly #drafts = byId("drafts", HTMLOListElement);
  readonly #older = byId("older", HTMLButtonElement);
  readonly #newest = byId("newest", HTMLButtonElement);
  readonly #expanded = new Set<string>();
  readonly #actions: MessageActions;
  readonly #olderSeen: IntersectionObserver;
  #wasLoading = false;
  #shown = new Map<number, Shown>();
  #shownDrafts = new Map<Draft, HTMLLIElement>();
  #room: RoomId | undefined;
  /** The end is in view, and stays so whatever comes and however the window changes. */
  #isFollowing = true;
  /** Where the conversation stood when it scrolled last, in pixels. */
  #top = 0;

  constructor(app: App, actions: MessageActions) {
    this.#app = app;
    this.#actions = actions;
    // Not every browser lets the keyboard scroll what cannot be focused.
    this.#scroll.tabIndex = 0;
    const loadOlder = (): void => {
      if (this.#room !== undefined) app.chat?.conversation(this.#room)?.loadOlder();
    };
    this.#older.addEventListener("click", loadOlder);
    const root = this.#scroll;
    this.#olderSeen = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadOlder(), { root });
    this.#olderSeen.observe(this.#older);
    this.#newest.addEventListener("click", () => this.toEnd());
    this.#scroll.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => {
      measureTexts(this.#scroll);
      if (this.#isFollowing) this.toEnd();
    }).observe(this.#scroll);
  }

  render({ open, me, talks }: ChatState): void {
    const talk = open?.stage === "in" ? talks.get(open.id) : undefined;
    const isOther = talk?.room.id !== this.#room;
    if (isOther) this.clear();
    if (talk === undefined) return;
    this.#room = talk.room.id;
    this.#older.hidden = !talk.timeline.hasOlder;
    this.#older.disabled = talk.isLoading;
    this.#older.textContent = talk.isLoading ? "Loading…" : "Earlier messages";
    this.#renderItems(talk, me.id, isOther);
    if (this.#wasLoading && !talk.isLoading) this.#lookAgain();
    this.#wasLoading = talk.isLoading;
  }

  /** Scrolls to a message, where it is loaded. */
  jump(seq: number): void {
    const row = this.#shown.get(seq)?.row;
    if (row === undefined) return;
    this.#isFollowing = false;
    row.scrollIntoView({ block: "center" });
    row.classList.add("found");
    row.addEventListener("animationend", () => row.classList.remove("found"), { once: true });
  }

  /** A page may hold nothing that is shown here. */
  #lookAgain(): void {
    this.#olderSeen.unobserve(this.#older);
    this.#olderSeen.observe(this.#older);
  }

  /** Nothing of any room stays. */
  clear(): void {
    this.#room = undefined;
    this.#shown = new Map();
    this.#shownDrafts = new Map();
    this.#expanded.clear();
    this.#items.replaceChildren();
    this.#drafts.replaceChildren();
    this.#newest.hidden = true;
    this.#isFollowing = true;
  }

  toEnd(): void {
    this.#isFollowing = true;
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#top = this.#scroll.scrollTop;
    this.#newest.hidden = true;
  }

  /** Only a movement up leaves the end: this may run late, when the window has shrunk and nobody has scrolled. */
  #scrolled(): void {
    const { scrollTop } = this.#scroll;
    if (this.#isAtEnd()) this.#isFollowing = true;
    else if (scrollTop < this.#top) this.#isFollowing = false;
    this.#top = scrollTop;
    if (this.#isFollowing) this.#newest.hidden = true;
  }

  #renderItems(talk: Talk, me: string, isOther: boolean): void {
    const firstBefore = this.#shown.values().next().value?.item.seq;
    const lastBefore = [...this.#shown.keys()].at(-1) ?? 0;
    const heightBefore = this.#scroll.scrollHeight;
    const { drafts } = talk.timeline;
    const items = shownItems(talk.timeline).filter(isInRoom);
    const isPrepended = firstBefore !== undefined && (items[0]?.seq ?? 0) < firstBefore;
    // Older messages are not news: they are not to be read out.
    this.#items.ariaLive = isPrepended || isOther ? "off" : "polite";
    this.#shown = this.#nextRows(talk, items, me);
    place(
      this.#items,
      [...this.#shown.values()].map(({ row }) => row),
    );
    this.#placeDrafts(
      talk.room.id,
      drafts.filter(({ thread }) => thread === undefined),
    );
    measureTexts(this.#scroll);
    if (this.#isFollowing) this.toEnd();
    else if (isPrepended) this.#scroll.scrollTop += this.#scroll.scrollHeight - heightBefore;
    else if ((items.at(-1)?.seq ?? 0) > lastBefore) this.#newest.hidden = false;
  }

  #nextRows({ timeline }: Talk, items: readonly Item[], me: string): Map<number, Shown> {
    const bySeq = new Map(shownItems(timeline).map((item) => [item.seq, item]));
    const next = new Map<number, Shown>();
    let previous: Item | undefined;
    for (const item of items) {
      const isStored = item.seq <= timeline.durableSeq;
      const known = this.#shown.get(item.seq);
      const isSame = known?.item === item && known.previous === previous && known.isStored === isStored;
      const quoted =
        item.kind === "message" && item.event.replyTo !== undefined ? bySeq.get(item.event.replyTo) : undefined;
      const context = {
        me,
        previous,
        isStored,
        quoted: asMessage(quoted),
        expanded: this.#expanded,
        actions: this.#actions,
      };
      next.set(item.seq, { item, previous, isStored, row: isSame ? known.row : viewItem(item, context) });
      previous = item;
    }
    return next;
  }

  #placeDrafts(room: RoomId, drafts: readonly Draft[]): void {
    const actions: DraftActions = {
      expanded: this.#expanded,
      resend: (id) => this.#app.chat?.conversation(room)?.resend(id),
      discard: (id) => this.#app.chat?.conversation(room)?.discard(id),
    };
    const rows = drafts.map((draft) => [draft, this.#shownDrafts.get(draft) ?? viewDraft(draft, actions)] as const);
    this.#shownDrafts = new Map(rows);
    place(this.#drafts, [...this.#shownDrafts.values()]);
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < END_PX;
  }
}

function asMessage(item: Item | undefined): Message | undefined {
  return item?.kind === "message" ? item : undefined;
}
