import type { PublicUser, Room } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Conversation } from "../conversation.ts";
import { presenceOf, statusOf } from "../people.ts";
import type { ChatState, Open } from "../state.ts";
import type { Message } from "../timeline.ts";
import { ComposeView } from "./compose-view.ts";
import { byId } from "./element.ts";
import { openInvites } from "./invite-sheet.ts";
import { openMe } from "./me-sheet.ts";
import { MembersView } from "./members-view.ts";
import { closeMenu, menuRow, openMenu } from "./menu.ts";
import { type MenuChoices, openMessageMenu } from "./message-menu.ts";
import type { MessageActions } from "./message-view.ts";
import { PanelView } from "./panel-view.ts";
import { openPersonMenu } from "./person-menu.ts";
import { ask } from "./question.ts";
import { askReport, ReportsView } from "./reports-view.ts";
import { mayInRoom, openSettings } from "./room-sheets.ts";
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
  readonly #members: MembersView;
  readonly #typing = byId("typing", HTMLElement);
  #me: PublicUser | undefined;
  #open: Open | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#talk = new TalkView(app, this.#actions);
    this.#panelView = new PanelView(app);
    this.#reports = new ReportsView(app);
    this.#members = new MembersView(app);
    this.#compose = new ComposeView(app, () => this.#talk.toEnd());
    byId("back", HTMLButtonElement).addEventListener("click", () => app.chat?.showNone());
    byId("leave", HTMLButtonElement).addEventListener("click", () => {
      this.#leave().catch(reportError);
    });
    const more = byId("room-menu", HTMLButtonElement);
    more.addEventListener("click", () => openMenu(more, this.#roomRows()));
    this.#join.addEventListener("click", () => {
      if (this.#open?.room !== undefined) app.chat?.join(this.#open.room);
    });
  }

  render(state: ChatState): void {
    const { open, talks } = state;
    this.#open = open;
    this.#me = state.me;
    this.#pane.dataset["stage"] = open?.stage ?? "none";
    this.#name.textContent = open?.room?.name ?? "Room";
    this.#topic.textContent = topicOf(open?.room, state);
    this.#pane.classList.toggle("direct", open?.room?.visibility === "direct");
    this.#join.disabled = open?.stage !== "asking";
    this.#hint.textContent = hintOf(open);
    const talk = open?.stage === "in" ? talks.get(open.id) : undefined;
    const closed = (open === undefined ? undefined : talks.get(open.id)?.closed) ?? "";
    const silence = closed || silenceIn(open);
    this.#closed.textContent = silence;
    this.#closed.classList.toggle("calm", closed === "");
    this.#talk.render(state);
    this.#compose.render(open, talk, silence === "", state.drafts);
    this.#typing.textContent = talk?.typing ?? "";
    this.#members.render(open?.stage === "in" ? open.room : undefined, state.me.id, state.people);
    this.#panelView.render(talk, state.me.id, this.#actions);
    this.#reports.render(open, state.reports);
  }

  clear(): void {
    this.#open = undefined;
    this.#name.textContent = "Room";
    this.#topic.textContent = "";
    this.#hint.textContent = "";
    this.#talk.clear();
    this.#typing.textContent = "";
    closeMenu();
    this.#panelView.clear();
    this.#reports.clear();
    this.#compose.render(undefined, undefined, false, new Map());
  }

  readonly #actions: MessageActions = {
    react: (message, emoji) => this.#react(message, emoji),
    openMenu: (message, anchor) => {
      const { me, room } = this.#conversation ?? {};
      if (me !== undefined && room !== undefined) openMessageMenu(message, anchor, { me, room }, this.#choices);
    },
    openPerson: (user, anchor) => {
      const { room } = this.#conversation ?? {};
      const me = this.#me;
      if (room === undefined || me === undefined) return;
      if (user.id === me.id) openMe(this.#app, me);
      else openPersonMenu(user, undefined, anchor, { app: this.#app, room, changed: () => undefined });
    },
    openThread: (root) => this.#conversation?.show({ kind: "thread", root }),
    avatarOf: (user) => this.#app.chat?.own.avatars.of(user) ?? Promise.resolve(undefined),
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

  /** What the user may do with the room. */
  #roomRows(): HTMLElement[] {
    const room = this.#open?.room;
    const chat = this.#app.chat;
    if (room === undefined || chat === undefined) return [];
    const isDirect = room.visibility === "direct";
    const isArchived = room.settings?.archived === true;
    const may = (permission: Parameters<typeof mayInRoom>[1]): boolean => !isDirect && mayInRoom(room, permission);
    const archive = (): void => {
      chat.do((http) => (isArchived ? http.rooms.unarchive(room.id) : http.rooms.archive(room.id))).catch(reportError);
    };
    return [
      menuRow("Members", () => this.#members.open()),
      menuRow("Pinned messages", () => this.#conversation?.show({ kind: "pins" })),
      ...(may("reports") ? [menuRow("Reports", () => chat.reports.open(room.id))] : []),
      ...(may("invite") ? [menuRow("Invite people", () => openInvites(this.#app, room))] : []),
      ...(may("change-room") ? [menuRow("Settings", () => openSettings(this.#app, room))] : []),
      ...(may("own") ? [menuRow(isArchived ? "End the archive" : "Archive", archive)] : []),
      ...(isDirect ? [] : [menuRow("Leave", () => void this.#leave().catch(reportError))]),
      ...(may("own") ? [menuRow("Delete the room", () => void this.#delete(room).catch(reportError), "danger")] : []),
    ];
  }

  async #delete(room: Room): Promise<void> {
    const question = `Delete “${room.name}” with all messages for everybody? An operator can bring it back for 7 days.`;
    if (await ask(question, "Delete")) await this.#app.chat?.delete(room.id);
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

/** Of a direct room, how the others are. */
function topicOf(room: Room | undefined, { me, people }: ChatState): string {
  if (room?.visibility !== "direct" || people.room !== room.id) return room?.topic ?? "";
  const others = people.members.filter(({ user }) => user.id !== me.id);
  const words = others.map(({ user }) => {
    const person = people.persons.get(user.id);
    const presence = { here: "here", away: "away", gone: "not here" }[presenceOf(person)];
    const about = [presence, statusOf(person)].filter((word) => word !== "").join(" · ");
    return others.length === 1 ? about : `${user.username}: ${about}`;
  });
  return words.join(", ");
}

/** Why nothing can be written; "" where it can. */
function silenceIn(open: Open | undefined): string {
  const { room } = open ?? {};
  if (open?.stage !== "in" || room === undefined) return "";
  if (room.settings?.archived) return "This room is archived: everybody reads, nobody writes.";
  return mayInRoom(room, "post") ? "" : "Your role does not let you write here.";
}

function hintOf(open: Open | undefined): string {
  if (open?.stage === "looking") return "Loading…";
  if (open?.stage === "joining") return "Joining…";
  return "You are not in this room yet. Its members see that you join.";
}
