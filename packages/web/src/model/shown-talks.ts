import type { RoomId } from "@hubbub/protocol";
import type { OfflineCache } from "./offline-cache.ts";
import type { ChatState, RoomLists } from "./state.ts";
import type { ConversationHost, Talk } from "./talk.ts";

export interface ShownTalks extends Pick<ConversationHost, "kept" | "changed"> {
  listed(lists: RoomLists): void;
  closed(room: RoomId): void;
}

/** Brings rooms and what is said in them into the state and into the offline cache. */
export function shownTalks(
  change: (change: (chat: ChatState) => ChatState) => void,
  offline: OfflineCache,
): ShownTalks {
  return {
    kept: (room) => offline.timeline(room),
    listed: (lists) => {
      offline.listed(lists);
      change((chat) => ({ ...chat, lists }));
    },
    changed: (talk: Talk) => {
      offline.saw(talk);
      change((chat) => ({ ...chat, talks: new Map(chat.talks).set(talk.room.id, talk) }));
    },
    closed: (room) => {
      offline.left(room);
      change((chat) => ({ ...chat, talks: new Map([...chat.talks].filter(([id]) => id !== room)) }));
    },
  };
}
