import type { Invitation } from "@hubbub/client";
import type { FollowedThread, PublicUser, Room, RoomId } from "@hubbub/protocol";
import type { Announcement } from "./announcements.ts";
import type { Talk } from "./conversation.ts";
import type { TakenDrafts } from "./drafts.ts";
import type { EntryPage, Offers } from "./entrance.ts";
import type { MetInvite } from "./invitations.ts";
import { NO_SEARCH, type SearchState } from "./message-search.ts";
import type { NotifyState } from "./notifications.ts";
import { DEFAULT_SETTINGS } from "./notify-settings.ts";
import { type ExportState, NO_EXPORT } from "./own-export.ts";
import { NOBODY, type PeopleState } from "./people.ts";
import { NO_REPORTS, type ReportsState } from "./reports.ts";
import type { RoomStatuses } from "./room-states.ts";
import type { SwitcherState } from "./switcher.ts";

/** Everything the page shows. */
export type AppState = { readonly screen: "starting" } | EntryState | ChatState;

export interface EntryState extends EntryPage {
  readonly screen: "entry";
  readonly offers: Offers;
}

export interface ChatState {
  readonly screen: "chat";
  readonly me: PublicUser;
  readonly lists: RoomLists;
  readonly search: string;
  readonly open: Open | undefined;
  /** Rooms that are heard, the open one among them. */
  readonly talks: ReadonlyMap<RoomId, Talk>;
  /** How far the user has read each joined room, and what they have chosen for it. */
  readonly statuses: RoomStatuses;
  /** That the user follows; the newest reply first. undefined: not loaded yet. */
  readonly threads: readonly FollowedThread[] | undefined;
  readonly notify: NotifyState;
  /** undefined: it is closed. */
  readonly switcher: SwitcherState | undefined;
  /** Messages that were searched for. */
  readonly found: SearchState;
  readonly reports: ReportsState;
  readonly ownExport: ExportState;
  readonly drafts: TakenDrafts;
  readonly people: PeopleState;
  /** Of others to this user. */
  readonly invitations: readonly Invitation[];
  readonly invite: MetInvite | undefined;
  /** To everybody, until it is dismissed. */
  readonly announcement: Announcement | undefined;
  readonly isConnected: boolean;
  /** Something went wrong just now; "" for nothing. */
  readonly notice: string;
}

export interface RoomLists {
  /** Every room of the user, by name, once it is whole: before then those of an earlier visit. */
  readonly joined: readonly Room[];
  readonly isWhole: boolean;
  /** Public rooms that the user has not joined and that match the search, as far as they are loaded. */
  readonly others: readonly Room[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
}

/** The room that the address names, and how far it is. Only in stage `in` there is a talk. */
export interface Open {
  readonly id: RoomId;
  readonly stage: "looking" | "asking" | "joining" | "in";
  /** Undefined while it is looked up. */
  readonly room: Room | undefined;
}

export const NO_ROOMS: RoomLists = { joined: [], isWhole: false, others: [], hasMore: false, isLoading: true };

/** After the login, before anything is known. */
export function freshChat(me: PublicUser): ChatState {
  return {
    screen: "chat",
    reports: NO_REPORTS,
    ownExport: NO_EXPORT,
    drafts: new Map(),
    announcement: undefined,
    people: NOBODY,
    invitations: [],
    invite: undefined,
    me,
    lists: NO_ROOMS,
    search: "",
    open: undefined,
    talks: new Map(),
    switcher: undefined,
    found: NO_SEARCH,
    statuses: new Map(),
    threads: undefined,
    notify: { permission: "unsupported", settings: DEFAULT_SETTINGS },
    isConnected: true,
    notice: "",
  };
}

export interface Store {
  readonly state: AppState;
  set(state: AppState): void;
  /** Changes the chat; nothing once the page has left it. */
  chat(change: (chat: ChatState) => ChatState): void;
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
  };
}
