import type { HubbubHttp } from "@hubbub/client";
import type { PublicUser, RoomId } from "@hubbub/protocol";
import { MessageSearch } from "./message-search.ts";
import type { PageStorage } from "./page-storage.ts";
import { RecentRooms } from "./recent-rooms.ts";
import type { ChatState } from "./state.ts";
import { Switcher } from "./switcher.ts";

/** Authors of open rooms whom the switcher offers. */
const PEOPLE_MAX = 500;

export interface FindersHost {
  readonly http: HubbubHttp;
  readonly me: PublicUser;
  readonly storage: PageStorage;
  readonly signal: AbortSignal;
  /** What is known of rooms and people; undefined: nothing yet. */
  chat(): ChatState | undefined;
  changed(found: Partial<Pick<ChatState, "switcher" | "found">>): void;
}

/** The ways to what is not on the screen: the switcher, and the search for messages. */
export class Finders {
  readonly switcher: Switcher;
  readonly messages: MessageSearch;
  readonly #recent: RecentRooms;

  constructor(host: FindersHost) {
    const { http, me, signal, changed } = host;
    this.#recent = new RecentRooms(host.storage, me.id);
    this.messages = new MessageSearch({ http, signal, changed: (found) => changed({ found }) });
    this.switcher = new Switcher({
      http,
      known: () => ({
        joined: host.chat()?.lists.joined ?? [],
        people: peopleOf(host.chat(), me),
        recent: this.#recent.all,
      }),
      later: (work, ms) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
      changed: (switcher) => changed({ switcher }),
    });
    signal.addEventListener("abort", () => this.switcher.close());
  }

  opened(room: RoomId): void {
    this.#recent.opened(room);
  }

  /** At logout nothing tells where the user was. */
  forget(): void {
    this.#recent.clear();
  }
}

/** The page knows the members of the room that is shown, and the authors in open rooms. */
function peopleOf(chat: ChatState | undefined, me: PublicUser): PublicUser[] {
  if (chat === undefined) return [];
  const known = new Map<string, PublicUser>();
  const meet = (user: PublicUser): void => {
    if (user.id !== me.id && known.size < PEOPLE_MAX) known.set(user.id, user);
  };
  for (const { user } of chat.people.members) meet(user);
  for (const { timeline } of chat.talks.values())
    for (const item of timeline.items) if (item.kind === "message") meet(item.event.by);
  return [...known.values()];
}
