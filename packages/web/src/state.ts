import type { PublicUser, Room } from "@hubbub/protocol";
import type { Timeline } from "./timeline.ts";

/** Everything the page shows. */
export type AppState =
  | { readonly screen: "starting" }
  | { readonly screen: "entry"; readonly isBusy: boolean; readonly error: string }
  | ChatState;

export interface ChatState {
  readonly screen: "chat";
  readonly me: PublicUser;
  readonly rooms: readonly Room[];
  readonly search: string;
  readonly open: OpenRoom | undefined;
  readonly isConnected: boolean;
  /** Something went wrong just now; "" for nothing. */
  readonly notice: string;
}

export interface OpenRoom {
  readonly room: Room;
  readonly timeline: Timeline;
  readonly isLoading: boolean;
}

export interface Store {
  readonly state: AppState;
  set(state: AppState): void;
  /** Changes the chat; nothing once the page has left it. */
  chat(change: (chat: ChatState) => ChatState): void;
  /** Changes the open room; nothing when another one is open by now. */
  room(id: Room["id"], change: (open: OpenRoom) => OpenRoom): void;
}

export function createStore(changed: (state: AppState) => void): Store {
  let state: AppState = { screen: "starting" };
  return {
    get state() {
      return state;
    },
    set(next) {
      state = next;
      changed(state);
    },
    chat(change) {
      if (state.screen === "chat") this.set(change(state));
    },
    room(id, change) {
      this.chat((chat) => (chat.open?.room.id === id ? { ...chat, open: change(chat.open) } : chat));
    },
  };
}
