import { isUuid, type RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { AppState, ChatState } from "../state.ts";
import { bindCompose } from "./compose-view.ts";
import { byId } from "./element.ts";
import { EntryView } from "./entry-view.ts";
import { SideView } from "./side-view.ts";
import { TalkView } from "./talk-view.ts";

/** The room that the address names, as `#<id>`. */
export function roomOfAddress(): RoomId | undefined {
  const id = location.hash.slice(1);
  return isUuid(id) ? (id as RoomId) : undefined;
}

/** Shows the state. The address names the open room, so that going back and links work. */
export class View {
  readonly #entry: EntryView;
  readonly #side: SideView;
  readonly #talk: TalkView;
  #hadRoom = false;

  constructor(app: App) {
    this.#entry = new EntryView(app, roomOfAddress);
    this.#talk = new TalkView(app);
    this.#side = new SideView(app, (room) => {
      location.hash = room;
    });
    bindCompose(app);
    addEventListener("hashchange", () => {
      const room = roomOfAddress();
      if (room === undefined) app.closeRoom();
      else app.open(room).catch(reportError);
    });
    byId("back", HTMLButtonElement).addEventListener("click", () => {
      location.hash = "";
    });
    byId("leave", HTMLButtonElement).addEventListener("click", () => {
      const room = roomOfAddress();
      location.hash = "";
      if (room !== undefined) app.leave(room).catch(reportError);
    });
  }

  render(state: AppState): void {
    byId("entry", HTMLElement).hidden = state.screen !== "entry";
    byId("app", HTMLElement).hidden = state.screen !== "chat";
    if (state.screen === "entry") this.#entry.render(state);
    if (state.screen === "chat") this.#renderChat(state);
  }

  #renderChat(state: ChatState): void {
    const { open, isConnected, notice } = state;
    byId("app", HTMLElement).classList.toggle("in-room", open !== undefined);
    byId("banner", HTMLElement).textContent = isConnected ? "" : "Connection lost. Trying again…";
    const box = byId("notice", HTMLElement);
    box.textContent = notice;
    box.hidden = notice === "";
    this.#side.render(state);
    this.#talk.render(state);
    if (open !== undefined && location.hash.slice(1) !== open.room.id) history.pushState(null, "", `#${open.room.id}`);
    document.title = open === undefined ? "Hubbub" : `${open.room.name} · Hubbub`;
    const hasRoom = open !== undefined;
    if (hasRoom && !this.#hadRoom) byId("compose-text", HTMLTextAreaElement).focus();
    this.#hadRoom = hasRoom;
  }
}
