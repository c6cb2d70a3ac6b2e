import { isUuid, type RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { connectionWords } from "../offline-words.ts";
import type { AppState, ChatState } from "../state.ts";
import { AccountView } from "./account-view.ts";
import { byId } from "./element.ts";
import { EntryView } from "./entry-view.ts";
import { ask } from "./question.ts";
import { RoomView } from "./room-view.ts";
import { closeSheet } from "./sheet.ts";
import { SideView } from "./side-view.ts";

/** The room that the address names, as `#<id>`. */
export function roomOfAddress(): RoomId | undefined {
  const id = location.hash.slice(1);
  return isUuid(id) ? (id as RoomId) : undefined;
}

/** Shows the state. The address names the open room, so that going back and links work. */
export class View {
  readonly #entry: EntryView;
  readonly #side: SideView;
  readonly #account: AccountView;
  readonly #room: RoomView;
  readonly #app: App;
  #screen: AppState["screen"] = "starting";
  /** The code of the link that is asked about. */
  #invite = "";

  constructor(app: App) {
    this.#app = app;
    this.#entry = new EntryView(app);
    this.#room = new RoomView(app);
    this.#account = new AccountView(app);
    byId("announcement-close", HTMLButtonElement).addEventListener("click", () =>
      app.chat?.own.announcements.dismiss(),
    );
    this.#side = new SideView(app, () => history.replaceState(null, "", addressOf(undefined)));
    addEventListener("hashchange", () => {
      const room = roomOfAddress();
      if (room === undefined) app.chat?.showNone();
      else app.chat?.show(room);
    });
  }

  render(state: AppState): void {
    byId("entry", HTMLElement).hidden = state.screen !== "entry";
    byId("app", HTMLElement).hidden = state.screen !== "chat";
    if (this.#screen === "chat" && state.screen !== "chat") this.#clear();
    if (this.#screen === "entry" && state.screen !== "entry") this.#entry.clear();
    this.#screen = state.screen;
    if (state.screen === "entry") this.#entry.render(state);
    if (state.screen === "chat") this.#renderChat(state);
  }

  #renderChat(state: ChatState): void {
    const { open, notice } = state;
    byId("app", HTMLElement).classList.toggle("in-room", open !== undefined);
    byId("banner", HTMLElement).textContent = connectionWords(state, navigator.onLine);
    const box = byId("notice", HTMLElement);
    box.textContent = notice;
    box.hidden = notice === "";
    showAnnouncement(state.announcement);
    this.#side.render(state);
    this.#account.render(state);
    this.#room.render(state);
    this.#meetInvite(state);
    if (open?.id !== roomOfAddress()) history.pushState(null, "", addressOf(open?.id));
    document.title = titleOf(state);
  }

  #meetInvite({ invite }: ChatState): void {
    if (invite === undefined || invite.code === this.#invite) return;
    const { code, name, members } = invite;
    this.#invite = code;
    const text = `You are invited to “${name}” with ${members === 1 ? "one member" : `${members} members`}.`;
    ask(text, "Join", "primary").then((isWanted) => this.#app.chat?.invitations.answer(code, isWanted), reportError);
  }

  /** Removes everything of the former user from the page. */
  #clear(): void {
    this.#invite = "";
    closeSheet();
    this.#side.clear();
    showAnnouncement(undefined);
    this.#account.clear();
    this.#room.clear();
    const box = byId("notice", HTMLElement);
    box.textContent = "";
    box.hidden = true;
    document.title = "Hubbub";
    for (const name of ["question", "report"]) {
      const dialog = byId(name, HTMLDialogElement);
      if (dialog.open) dialog.close();
    }
  }
}

function showAnnouncement(announcement: ChatState["announcement"]): void {
  byId("announcement", HTMLElement).hidden = announcement === undefined;
  const words = announcement === undefined ? "" : `${announcement.by}: ${announcement.text}`;
  byId("announcement-text", HTMLElement).textContent = words;
}

function titleOf({ open, talks }: ChatState): string {
  const unread = [...talks.values()].reduce((sum, talk) => sum + talk.unread, 0);
  const name = open?.room === undefined ? "Hubbub" : `${open.room.name} · Hubbub`;
  return unread === 0 ? name : `(${unread}) ${name}`;
}

function addressOf(room: RoomId | undefined): string {
  return room === undefined ? location.pathname + location.search : `#${room}`;
}
