import { permits, type Role } from "@hubbub/protocol";
import type { Message } from "../timeline.ts";
import { byId, make, makeButton } from "./element.ts";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "👀", "✅"];
const GAP_PX = 4;

export interface MenuChoices {
  react(message: Message, emoji: string): void;
  reply(message: Message): void;
  thread(message: Message): void;
  edit(message: Message): void;
  remove(message: Message): void;
  pin(message: Message): void;
  report(message: Message): void;
}

/** What can be done with one message, below the button that opened it. */
export class MessageMenu {
  readonly #menu = byId("message-menu", HTMLElement);

  open(message: Message, anchor: HTMLElement, who: { me: string; role: Role | null }, choices: MenuChoices): void {
    const { event, state } = message;
    const isOwn = event.by.id === who.me;
    const may = (permission: "pin" | "delete-any"): boolean => who.role !== null && permits(who.role, permission);
    const row = (label: string, choose: (message: Message) => void): HTMLElement =>
      this.#button("", label, () => choose(message));
    const emoji = EMOJI.map((one) => this.#button("", one, () => choices.react(message, one)));
    const living = [
      make("div", "emoji", emoji),
      row("Reply", choices.reply),
      row("Reply in thread", choices.thread),
      ...(isOwn ? [row("Edit", choices.edit)] : []),
      ...(may("pin") ? [row(state.isPinned ? "Unpin" : "Pin", choices.pin)] : []),
      ...(isOwn ? [] : [row("Report", choices.report)]),
      ...(isOwn || may("delete-any") ? [row("Delete", choices.remove)] : []),
    ];
    this.#menu.replaceChildren(...(state.isDeleted ? [row("Open thread", choices.thread)] : living));
    this.#menu.showPopover();
    this.#place(anchor.getBoundingClientRect());
    this.#menu.querySelector("button")?.focus();
  }

  close(): void {
    this.#menu.hidePopover();
    this.#menu.replaceChildren();
  }

  #button(className: string, label: string, act: () => void): HTMLButtonElement {
    return makeButton(className, label, () => {
      this.close();
      act();
    });
  }

  #place(anchor: DOMRect): void {
    const { width, height } = this.#menu.getBoundingClientRect();
    const isBelow = anchor.bottom + GAP_PX + height <= innerHeight;
    const top = isBelow ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
    this.#menu.style.top = `${Math.max(GAP_PX, top)}px`;
    this.#menu.style.left = `${Math.max(GAP_PX, anchor.right - width)}px`;
  }
}
