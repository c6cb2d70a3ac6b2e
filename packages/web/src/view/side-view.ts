import type { Room, RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { ChatState } from "../state.ts";
import { byId, make, makeButton, makeWritten } from "./element.ts";
import { openMe } from "./me-sheet.ts";
import { ask } from "./question.ts";
import { openInvitations, openNewDirect, openThreads } from "./side-sheets.ts";

const SEARCH_PAUSE_MS = 200;

/** The rooms there are: all of the user's own, then public ones. */
export class SideView {
  readonly #app: App;
  readonly #list = byId("room-list", HTMLUListElement);
  readonly #search = byId("room-search", HTMLInputElement);
  readonly #name = byId("create-name", HTMLInputElement);
  #rendered: readonly unknown[] = [];
  #state: ChatState | undefined;

  /** `left`: the user logged out. */
  constructor(app: App, left: () => void) {
    this.#app = app;
    let pause: ReturnType<typeof setTimeout> | undefined;
    this.#search.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => app.chat?.search(this.#search.value), SEARCH_PAUSE_MS);
    });
    byId("create-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#create().catch(reportError);
    });
    byId("new-direct", HTMLButtonElement).addEventListener("click", () => openNewDirect(app));
    byId("threads", HTMLButtonElement).addEventListener("click", () => openThreads(app));
    byId("invitations", HTMLButtonElement).addEventListener("click", () => {
      openInvitations(app, this.#state?.invitations ?? []);
    });
    byId("me", HTMLButtonElement).addEventListener("click", () => {
      if (this.#state !== undefined) openMe(app, this.#state.me);
    });
    byId("logout", HTMLButtonElement).addEventListener("click", () => {
      confirmLogout(app).then((isSure) => {
        if (!isSure) return;
        app.logout();
        left();
      }, reportError);
    });
  }

  render(state: ChatState): void {
    const { me, lists, open, talks, search } = state;
    this.#state = state;
    byId("me", HTMLElement).textContent = me.username;
    const invitations = byId("invitations", HTMLElement);
    invitations.hidden = state.invitations.length === 0;
    invitations.textContent = `Invitations (${state.invitations.length})`;
    const unread = lists.joined.filter(({ id }) => (talks.get(id)?.unread ?? 0) > 0).map(({ id }) => id);
    const shown = [lists, open?.id, search, unread.join()];
    if (shown.every((one, index) => one === this.#rendered[index])) return;
    this.#rendered = shown;
    const focused = document.activeElement?.getAttribute("data-room");
    this.#list.replaceChildren(...this.#rows(state, new Set(unread)));
    if (focused) this.#list.querySelector<HTMLElement>(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  }

  clear(): void {
    this.#state = undefined;
    this.#rendered = [];
    this.#list.replaceChildren();
    this.#search.value = "";
    this.#name.value = "";
    byId("me", HTMLElement).textContent = "";
  }

  #rows({ lists, search, open }: ChatState, unread: ReadonlySet<RoomId>): HTMLLIElement[] {
    const wanted = search.trim().toLowerCase();
    const joined = lists.joined.filter(({ name }) => name.toLowerCase().includes(wanted));
    const row = (room: Room): HTMLLIElement => this.#row(room, room.id === open?.id, unread.has(room.id));
    const directs = joined.filter(({ visibility }) => visibility === "direct");
    const rows = joined.filter(({ visibility }) => visibility !== "direct").map(row);
    if (directs.length > 0) rows.push(make("li", "heading", "Direct messages"), ...directs.map(row));
    if (lists.others.length > 0) rows.push(make("li", "heading", "Public rooms"));
    rows.push(...lists.others.map((room) => this.#row(room, room.id === open?.id, false)));
    if (lists.hasMore) rows.push(make("li", "", [makeButton("quiet", "More rooms", () => this.#app.chat?.more())]));
    if (rows.length > 0) return rows;
    const empty = search === "" ? "No rooms here yet." : "No room of this name.";
    return [make("li", "muted", lists.isLoading ? "Loading…" : empty)];
  }

  #row(room: Room, isCurrent: boolean, hasNews: boolean): HTMLLIElement {
    const isJoined = room.role !== null;
    const hint = isJoined ? hintOf(room) : "join";
    const chat = this.#app.chat;
    const button = makeButton("", "", () => (isJoined ? chat?.show(room.id) : chat?.join(room)));
    button.append(makeWritten("span", "room-name", room.name), make("span", "muted", hint));
    if (hasNews) button.append(make("span", "dot", [make("span", "visually-hidden", "new messages")]));
    button.dataset["room"] = room.id;
    button.ariaCurrent = String(isCurrent);
    return make("li", "", [button]);
  }

  /** A name that is refused stays in its field. */
  async #create(): Promise<void> {
    const name = this.#name.value;
    const isMade = await this.#app.chat?.create(name, byId("create-private", HTMLInputElement).checked);
    if (isMade && this.#name.value === name) this.#name.value = "";
  }
}

function hintOf({ visibility, settings }: Room): string {
  if (settings?.archived) return "archived";
  return visibility === "private" ? "private" : "";
}

async function confirmLogout(app: App): Promise<boolean> {
  const count = app.chat?.words.count ?? 0;
  if (count === 0) return true;
  const what = count === 1 ? "One text of yours is" : `${count} texts of yours are`;
  return await ask(`${what} not sent. Logging out discards ${count === 1 ? "it" : "them"}.`, "Log out");
}
