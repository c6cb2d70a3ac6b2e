import type { Room, RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { ChatState } from "../state.ts";
import { byId, make } from "./element.ts";

const SEARCH_PAUSE_MS = 200;

/** The rooms there are. */
export class SideView {
  readonly #list = byId("room-list", HTMLUListElement);
  readonly #open: (room: RoomId) => void;
  #rendered: readonly [readonly Room[], string | undefined] | undefined;

  constructor(app: App, open: (room: RoomId) => void) {
    this.#open = open;
    const search = byId("room-search", HTMLInputElement);
    let pause: ReturnType<typeof setTimeout> | undefined;
    search.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => app.search(search.value), SEARCH_PAUSE_MS);
    });
    const name = byId("create-name", HTMLInputElement);
    const isPrivate = byId("create-private", HTMLInputElement);
    byId("create-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      app.create(name.value, isPrivate.checked).catch(reportError);
      name.value = "";
    });
    byId("logout", HTMLButtonElement).addEventListener("click", () => app.logout());
  }

  render({ me, rooms, open, search }: ChatState): void {
    byId("me", HTMLElement).textContent = me.username;
    const current = open?.room.id;
    if (this.#rendered?.[0] === rooms && this.#rendered[1] === current) return;
    this.#rendered = [rooms, current];
    const focused = document.activeElement?.getAttribute("data-room");
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room, room.id === current)));
    if (focused) this.#list.querySelector<HTMLElement>(`[data-room="${CSS.escape(focused)}"]`)?.focus();
    const empty = byId("room-empty", HTMLElement);
    empty.hidden = rooms.length > 0;
    empty.textContent = search === "" ? "No rooms here yet." : "No room of this name.";
  }

  #row(room: Room, isCurrent: boolean): HTMLLIElement {
    const hint = room.role === null ? "join" : room.visibility === "private" ? "private" : "";
    const button = make("button", "", [make("span", "room-name", room.name), make("span", "muted", hint)]);
    button.dataset["room"] = room.id;
    button.ariaCurrent = String(isCurrent);
    button.addEventListener("click", () => this.#open(room.id));
    return make("li", "", [button]);
  }
}
