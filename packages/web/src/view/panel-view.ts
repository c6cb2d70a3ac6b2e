import type { RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Talk } from "../conversation.ts";
import { type Item, isStored } from "../timeline.ts";
import { byId, make, place } from "./element.ts";
import { viewDraft, viewItem } from "./item-view.ts";
import { pressMark } from "./mark-keys.ts";
import type { MessageActions } from "./message-view.ts";
import { measureTexts } from "./text-view.ts";

/** Beside the room: a thread, or the pinned messages. */
export class PanelView {
  readonly #app: App;
  readonly #panel = byId("panel", HTMLElement);
  readonly #items = byId("panel-items", HTMLOListElement);
  readonly #form = byId("panel-compose", HTMLFormElement);
  readonly #text = byId("panel-text", HTMLTextAreaElement);
  readonly #expanded = new Set<string>();
  #room: RoomId | undefined;
  #shown: readonly unknown[] = [];
  /** The text of another thread does not stay. */
  #key = "";

  constructor(app: App) {
    this.#app = app;
    byId("panel-close", HTMLButtonElement).addEventListener("click", () => this.#conversation?.show(undefined));
    byId("pins", HTMLButtonElement).addEventListener("click", () => {
      const isOpen = this.#conversation?.talk.panel?.kind === "pins";
      this.#conversation?.show(isOpen ? undefined : { kind: "pins" });
    });
    this.#text.addEventListener("keydown", (event) => {
      if (pressMark(event, this.#text) || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  render(talk: Talk | undefined, me: string, actions: MessageActions): void {
    this.#room = talk?.room.id;
    const panel = talk?.panel;
    this.#panel.hidden = panel === undefined;
    const key = panel === undefined ? "" : `${this.#room} ${panel.kind === "thread" ? panel.root : "pins"}`;
    if (key !== this.#key) this.#begin(key);
    if (talk === undefined || panel === undefined) return;
    const isThread = panel.kind === "thread";
    this.#form.hidden = !isThread || talk.closed !== "";
    byId("panel-title", HTMLElement).textContent = isThread ? "Thread" : "Pinned messages";
    const drafts = talk.timeline.drafts.filter(({ thread }) => isThread && thread === panel.root);
    const shown = [panel.isLoading, ...panel.items.map(({ state }) => state), ...drafts, talk.timeline.durable];
    if (shown.length === this.#shown.length && shown.every((one, index) => one === this.#shown[index])) return;
    this.#shown = shown;
    const isAtEnd = this.#items.scrollHeight - this.#items.scrollTop - this.#items.clientHeight < 60;
    let previous: Item | undefined;
    const rows = panel.items.map((item) => {
      const context = {
        me,
        previous,
        isStored: isStored(talk.timeline, item),
        quoted: undefined,
        expanded: this.#expanded,
        actions,
        isInThread: isThread,
      };
      previous = item;
      return viewItem(item, context);
    });
    const conversation = this.#conversation;
    const own = drafts.map((draft) =>
      viewDraft(draft, {
        expanded: this.#expanded,
        resend: (id) => conversation?.resend(id),
        discard: (id) => conversation?.discard(id),
      }),
    );
    const hint = panel.isLoading ? "Loading…" : rows.length === 0 ? "Nothing is pinned here." : "";
    place(this.#items, [...rows, ...own, ...(hint === "" ? [] : [make("li", "note", hint)])]);
    measureTexts(this.#items);
    if (isAtEnd && isThread) this.#items.scrollTop = this.#items.scrollHeight;
  }

  /** Begins what is said in the thread. */
  focus(): void {
    this.#text.focus();
  }

  clear(): void {
    this.#room = undefined;
    this.#panel.hidden = true;
    this.#begin("");
  }

  get #conversation() {
    return this.#room === undefined ? undefined : this.#app.chat?.conversation(this.#room);
  }

  #begin(key: string): void {
    this.#key = key;
    this.#shown = [];
    this.#expanded.clear();
    this.#text.value = "";
    this.#items.replaceChildren();
  }

  #submit(): void {
    const panel = this.#conversation?.talk.panel;
    if (panel?.kind !== "thread" || this.#text.value.trim() === "") return;
    this.#conversation?.send(this.#text.value, { thread: panel.root });
    this.#text.value = "";
    this.#text.focus();
  }
}
