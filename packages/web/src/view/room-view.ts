import type { App } from "../app.ts";
import type { ChatState, Open } from "../state.ts";
import { ComposeView } from "./compose-view.ts";
import { byId } from "./element.ts";
import { ask } from "./question.ts";
import { TalkView } from "./talk-view.ts";

/** The conversation pane: head, messages, box; or the question whether to join. */
export class RoomView {
  readonly #app: App;
  readonly #pane = byId("talk", HTMLElement);
  readonly #name = byId("talk-name", HTMLElement);
  readonly #topic = byId("talk-topic", HTMLElement);
  readonly #join = byId("join", HTMLButtonElement);
  readonly #hint = byId("join-hint", HTMLElement);
  readonly #closed = byId("closed", HTMLElement);
  readonly #talk: TalkView;
  readonly #compose: ComposeView;
  #open: Open | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#talk = new TalkView(app);
    this.#compose = new ComposeView(app, () => this.#talk.toEnd());
    byId("back", HTMLButtonElement).addEventListener("click", () => app.chat?.showNone());
    byId("leave", HTMLButtonElement).addEventListener("click", () => {
      this.#leave().catch(reportError);
    });
    this.#join.addEventListener("click", () => {
      if (this.#open?.room !== undefined) app.chat?.join(this.#open.room);
    });
  }

  render(state: ChatState): void {
    const { open, talks } = state;
    this.#open = open;
    this.#pane.dataset["stage"] = open?.stage ?? "none";
    this.#name.textContent = open?.room?.name ?? "Room";
    this.#topic.textContent = open?.room?.topic ?? "";
    this.#join.disabled = open?.stage !== "asking";
    this.#hint.textContent = hintOf(open);
    const closed = (open === undefined ? undefined : talks.get(open.id)?.closed) ?? "";
    this.#closed.textContent = closed;
    this.#talk.render(state);
    this.#compose.render(open, closed === "");
  }

  clear(): void {
    this.#open = undefined;
    this.#name.textContent = "Room";
    this.#topic.textContent = "";
    this.#hint.textContent = "";
    this.#talk.clear();
    this.#compose.render(undefined, false);
  }

  /** A private room does not let its members back in by themselves. */
  async #leave(): Promise<void> {
    const room = this.#open?.room;
    const chat = this.#app.chat;
    if (room === undefined || chat === undefined) return;
    const unsent = chat.words.unsent().filter((one) => one.room === room.id).length;
    const isPrivate = room.visibility === "private";
    const warnings = [
      ...(isPrivate ? ["This room is private: you can come back only when an owner brings you in."] : []),
      ...(unsent > 0 ? [`Messages that are not sent yet are discarded: ${unsent}.`] : []),
    ];
    const isSure = warnings.length === 0 || (await ask(`Leave “${room.name}”? ${warnings.join(" ")}`, "Leave"));
    if (!isSure || (await chat.leave(room.id, false)) === "done") return;
    const closes = `Nobody else is in “${room.name}”: leaving closes it permanently.`;
    if (await ask(closes, "Leave and close")) await chat.leave(room.id, true);
  }
}

function hintOf(open: Open | undefined): string {
  if (open?.stage === "looking") return "Loading…";
  if (open?.stage === "joining") return "Joining…";
  return "You are not in this room yet. Its members see that you join.";
}
