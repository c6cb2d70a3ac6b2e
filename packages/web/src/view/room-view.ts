import type { App } from "../app.ts";
import type { Conversation } from "../conversation.ts";
import type { ChatState, Open } from "../state.ts";
import type { Message } from "../timeline.ts";
import { ComposeView } from "./compose-view.ts";
import { byId } from "./element.ts";
import { type MenuChoices, MessageMenu } from "./message-menu.ts";
import type { MessageActions } from "./message-view.ts";
import { PanelView } from "./panel-view.ts";
import { ask } from "./question.ts";
import { askReport, ReportsView } from "./reports-view.ts";
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
  readonly #panelView: PanelView;
  readonly #reports: ReportsView;
  readonly #menu = new MessageMenu();
  #open: Open | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#talk = new TalkView(app, this.#actions);
    this.#panelView = new PanelView(app);
    this.#reports = new ReportsView(app);
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
    const talk = open?.stage === "in" ? talks.get(open.id) : undefined;
    const closed = (open === undefined ? undefined : talks.get(open.id)?.closed) ?? "";
    this.#closed.textContent = closed;
    this.#talk.render(state);
    this.#compose.render(open, talk, closed === "", state.drafts);
    this.#panelView.render(talk, state.me.id, this.#actions);
    this.#reports.render(open, state.reports);
  }

  clear(): void {
    this.#open = undefined;
    this.#name.textContent = "Room";
    this.#topic.textContent = "";
    this.#hint.textContent = "";
    this.#talk.clear();
    this.#menu.close();
    this.#panelView.clear();
    this.#reports.clear();
    this.#compose.render(undefined, undefined, false, new Map());
  }

  readonly #actions: MessageActions = {
    react: (message, emoji) => this.#react(message, emoji),
    openMenu: (message, anchor) => {
      const { me, room } = this.#conversation ?? {};
      if (me !== undefined && room !== undefined)
        this.#menu.open(message, anchor, { me, role: room.role }, this.#choices);
    },
    openThread: (root) => this.#conversation?.show({ kind: "thread", root }),
    avatarOf: (user) => this.#app.chat?.avatars.of(user) ?? Promise.resolve(undefined),
    jump: (seq) => this.#talk.jump(seq),
    fileUrl: (file, options) => this.#conversation?.fileUrl(file, options) ?? Promise.reject(new Error("no room")),
  };

  readonly #choices: MenuChoices = {
    react: (message, emoji) => this.#react(message, emoji),
    reply: (message) => this.#compose.reply(message),
    thread: ({ event }) => {
      this.#conversation?.show({ kind: "thread", root: event.thread ?? event.seq });
      this.#panelView.focus();
    },
    edit: (message) => this.#compose.edit(message),
    pin: ({ seq, state }) => this.#conversation?.act((live) => live.pin(seq, state.isPinned ? { remove: true } : {})),
    report: ({ seq }) => {
      this.#report(seq).catch(reportError);
    },
    remove: ({ seq }) => {
      const conversation = this.#conversation;
      ask("Delete this message for everybody?", "Delete").then(
        (isSure) => isSure && conversation?.act((live) => live.delete(seq)),
        reportError,
      );
    },
  };

  get #conversation(): Conversation | undefined {
    return this.#open?.stage === "in" ? this.#app.chat?.conversation(this.#open.id) : undefined;
  }

  async #report(seq: number): Promise<void> {
    const { room } = this.#conversation ?? {};
    const report = await askReport();
    const chat = this.#app.chat;
    if (room === undefined || report === undefined || chat === undefined) return;
    const isTaken = await chat.reports.report(room.id, seq, report);
    if (isTaken) chat.notice("Thank you. Those who moderate see the message as it is now.");
  }

  /** A second time takes the reaction back. */
  #react({ seq, state }: Message, emoji: string): void {
    const conversation = this.#conversation;
    if (conversation === undefined) return;
    const isMine = state.reactions.get(emoji)?.has(conversation.me) === true;
    conversation.act((live) => live.react(seq, emoji, isMine ? { remove: true } : {}));
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
