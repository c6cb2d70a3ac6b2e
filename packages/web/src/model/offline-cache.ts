import { type HubbubHttp, Messages } from "@hubbub/client";
import type { Room, RoomId } from "@hubbub/protocol";
import type { Talk } from "./conversation.ts";
import { fromKept, type KeptMessage, toKept } from "./kept-message.ts";
import type { KeptEntry, OfflineStore } from "./offline-store.ts";
import { persist } from "./persist.ts";
import type { RoomLists } from "./state.ts";
import { EMPTY, type Item, isStored, type Message, type Timeline, toItem } from "./timeline.ts";

/** Rooms whose last messages are kept; at the bound the one that changed longest ago goes. */
export const KEPT_ROOMS_MAX = 20;
/** Messages of one room. */
export const KEPT_MESSAGES_MAX = 50;
/** Rooms in the list that is kept, by name. */
const LISTED_MAX = 500;
/** UTF-16 units of one entry. A room with longer messages is kept with fewer of them. */
export const ENTRY_MAX = 256 * 1_024;
/** After the last change of a room. */
const QUIET_MS = 1_000;
/** Key of the list of rooms; the others are ids of rooms. */
const LIST = "rooms";

/** `upTo`: all events of the room up to here are in the messages. */
interface KeptTalk {
  readonly upTo: number;
  readonly messages: readonly KeptMessage[];
}

export interface OfflineCacheHost {
  readonly store: OfflineStore;
  readonly user: string;
  readonly http: Pick<HubbubHttp, "history">;
  /** Whether the user is still logged in here, in any tab. */
  isLoggedIn(): boolean;
}

/**
 * The rooms of a user and their last messages as they were when they were last seen, to be read without a network. Messages
 * are kept in their present state: an edit or a deletion replaces them. What changed while the page was closed is loaded again
 * at the next start that has a network. With the end of the login everything is removed.
 */
export class OfflineCache {
  readonly #host: OfflineCacheHost;
  /** Bounded by KEPT_ROOMS_MAX. */
  readonly #talks = new Map<RoomId, KeptTalk & { readonly at: number }>();
  /** Rooms that are heard now: what is known of them is the present. Bounded by the conversations. */
  readonly #heard = new Map<RoomId, Talk>();
  readonly #dirty = new Set<RoomId>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ending = new AbortController();
  #listed: readonly Room[] | undefined;
  #isCorrected = false;

  constructor(host: OfflineCacheHost) {
    this.#host = host;
  }

  /** What an earlier visit has left: the rooms, and behind this call their timelines. */
  async open(): Promise<readonly Room[]> {
    const entries = await this.#host.store.all(this.#host.user);
    let rooms: readonly Room[] = [];
    for (const { key, at, text } of entries) {
      const value = JSON.parse(text) as unknown;
      if (key === LIST) rooms = value as readonly Room[];
      else if (!this.#talks.has(key as RoomId)) this.#talks.set(key as RoomId, { ...(value as KeptTalk), at });
    }
    return rooms;
  }

  /** With what is known of the room until it is loaded. */
  timeline(room: RoomId): Timeline {
    const talk = this.#talks.get(room);
    if (talk === undefined || talk.messages.length === 0) return EMPTY;
    return { ...EMPTY, kept: { at: talk.at, items: talk.messages.map(fromKept) } };
  }

  /** What is missing in a list that is not whole may still be a room of the user. */
  listed({ joined, isWhole }: RoomLists): void {
    if (!isWhole || joined === this.#listed) return;
    this.#listed = joined;
    this.#put(LIST, Date.now(), JSON.stringify(joined.slice(0, LISTED_MAX))).catch(reportError);
    if (this.#isCorrected) return;
    this.#isCorrected = true;
    this.#correct(joined).catch(reportError);
  }

  saw(talk: Talk): void {
    const { room, timeline, isLoading, closed } = talk;
    if (closed !== "") {
      this.#heard.delete(room.id);
      this.#remove(room.id).catch(reportError);
      return;
    }
    // The last messages are not in a window that stands elsewhere. They grow old from here on.
    if (timeline.hasNewer) this.left(room.id);
    const isKnown = !timeline.hasNewer && timeline.kept === undefined && !isLoading && timeline.items.length > 0;
    const before = this.#heard.get(room.id)?.timeline;
    if (!isKnown || (before?.items === timeline.items && before.durable === timeline.durable)) return;
    this.#heard.set(room.id, talk);
    this.#dirty.add(room.id);
    this.#timer ??= setTimeout(() => this.#flush(), QUIET_MS);
  }

  /** The page is put away: until now everything that is heard was the present. */
  seen(): void {
    for (const room of this.#heard.keys()) this.#dirty.add(room);
    this.#flush();
  }

  /** The connection is lost: what is known grows old from here on. */
  lost(): void {
    this.seen();
    this.#heard.clear();
  }

  /** The room is not heard any more: what is kept of it grows old from here on. */
  left(room: RoomId): void {
    if (this.#dirty.has(room)) this.#flush();
    this.#heard.delete(room);
  }

  /** Everything, at the end of the login. Nothing is kept from here on. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#ending.abort();
    this.#dirty.clear();
    this.#heard.clear();
    this.#talks.clear();
    this.#host.store.clear().catch(reportError);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rooms = [...this.#dirty];
    this.#dirty.clear();
    for (const room of rooms) {
      const timeline = this.#heard.get(room)?.timeline;
      if (timeline === undefined) continue;
      // What is not stored yet may still be lost with its epoch.
      const isKept = (item: Item): item is Message => item.kind === "message" && isStored(timeline, item);
      const messages = timeline.items.filter(isKept).map(toKept);
      this.#keep(room, { upTo: timeline.newest, messages }).catch(reportError);
    }
  }

  /** Rooms that changed while nobody was here. */
  async #correct(joined: readonly Room[]): Promise<void> {
    const { http } = this.#host;
    const heads = new Map(joined.map(({ id, head }) => [id, head]));
    for (const [room, { upTo }] of [...this.#talks]) {
      const head = heads.get(room);
      if (head === undefined) await this.#remove(room);
      if (head === undefined || head === upTo || this.#heard.has(room)) continue;
      const page = await persist(() => http.history(room, { limit: KEPT_MESSAGES_MAX }), this.#ending.signal);
      if (page === undefined) return;
      if (this.#heard.has(room)) continue;
      const messages = new Messages();
      messages.addPage(page);
      await this.#keep(room, { upTo: page.head, messages: messages.all.map(toItem).map(toKept) });
    }
  }

  async #keep(room: RoomId, { upTo, messages }: KeptTalk): Promise<void> {
    const at = Date.now();
    let newest = messages.slice(-KEPT_MESSAGES_MAX);
    let text = JSON.stringify({ upTo, messages: newest });
    while (text.length > ENTRY_MAX && newest.length > 0) {
      newest = newest.slice(Math.ceil(newest.length / 2));
      text = JSON.stringify({ upTo, messages: newest });
    }
    this.#talks.delete(room);
    this.#talks.set(room, { upTo, messages: newest, at });
    await this.#put(room, at, text);
    const oldest = [...this.#talks].sort(([, one], [, other]) => one.at - other.at);
    for (const [id] of oldest.slice(0, -KEPT_ROOMS_MAX)) await this.#remove(id);
  }

  /** A logout in another tab must find nothing that was written behind it. */
  async #put(key: string, at: number, text: string): Promise<void> {
    const { store, user } = this.#host;
    const mayKeep = (): boolean => !this.#ending.signal.aborted && this.#host.isLoggedIn();
    if (!mayKeep() || text.length > ENTRY_MAX) return;
    const entry: KeptEntry = { user, key, at, text };
    await store.put(entry);
    if (!mayKeep()) await store.remove(user, key);
  }

  async #remove(room: RoomId): Promise<void> {
    this.#talks.delete(room);
    await this.#host.store.remove(this.#host.user, room);
  }
}
