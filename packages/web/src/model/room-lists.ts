import type { HubbubHttp } from "@hubbub/client";
import type { Room, RoomId } from "@hubbub/protocol";
import { persist } from "./persist.ts";
import { NO_ROOMS, type RoomLists } from "./state.ts";

/** Pages of own rooms that are followed, of 50 rooms each. */
const JOINED_PAGES_MAX = 100;

const byName = (a: Room, b: Room): number => a.name.localeCompare(b.name);

/** The user's rooms, all of them, and the public ones that match the search, page by page. */
export class RoomListing {
  readonly #http: Pick<HubbubHttp, "listRooms">;
  readonly #signal: AbortSignal;
  readonly #changed: (lists: RoomLists) => void;
  #lists = NO_ROOMS;
  #search = "";
  #cursor: string | undefined;
  #turn = 0;
  #newest: Promise<void> | undefined;

  constructor(http: Pick<HubbubHttp, "listRooms">, signal: AbortSignal, changed: (lists: RoomLists) => void) {
    this.#http = http;
    this.#signal = signal;
    this.#changed = changed;
  }

  get lists(): RoomLists {
    return this.#lists;
  }

  /** Repeats what the server cannot answer now. Of several at once the last one counts. @throws HubbubError what it refuses */
  load(): Promise<void> {
    this.#turn += 1;
    this.#newest = this.#load(this.#turn);
    return this.#newest;
  }

  async #load(turn: number): Promise<void> {
    const joined = new Map<RoomId, Room>();
    let cursor: string | undefined;
    for (let page = 0; page < JOINED_PAGES_MAX; page += 1) {
      const answer = await this.#page({ joined: true, cursor });
      if (answer === undefined) return;
      if (turn !== this.#turn) return this.#newest;
      for (const room of answer.rooms) joined.set(room.id, room);
      cursor = answer.cursor;
      if (cursor === undefined) break;
    }
    this.#set({ joined: [...joined.values()].sort(byName), isWhole: cursor === undefined });
    await this.search(this.#search);
  }

  /** The first page of other rooms. An answer to an earlier search is passed over. */
  async search(text: string): Promise<void> {
    this.#search = text;
    this.#cursor = undefined;
    this.#set({ isLoading: true });
    await this.#loadOthers(text, []);
  }

  async more(): Promise<void> {
    if (this.#cursor === undefined || this.#lists.isLoading) return;
    this.#set({ isLoading: true });
    await this.#loadOthers(this.#search, this.#lists.others);
  }

  /** What an earlier visit knew, until something is loaded. */
  preset(joined: readonly Room[]): void {
    if (this.#lists === NO_ROOMS && joined.length > 0) this.#set({ joined });
  }

  joined(room: Room): void {
    const without = (rooms: readonly Room[]): Room[] => rooms.filter(({ id }) => id !== room.id);
    const { joined, others } = this.#lists;
    this.#set({ joined: [...without(joined), room].sort(byName), others: without(others) });
  }

  left(room: RoomId): void {
    this.#set({ joined: this.#lists.joined.filter(({ id }) => id !== room) });
  }

  async #loadOthers(search: string, before: readonly Room[]): Promise<void> {
    const query = search.trim();
    const asked = { joined: false, cursor: this.#cursor, ...(query === "" ? {} : { query }) };
    const stop = (): void => this.#set({ isLoading: false });
    const answer = await this.#page(asked).finally(() => search === this.#search && stop());
    if (answer === undefined || search !== this.#search) return;
    this.#cursor = answer.cursor;
    const known = new Set([...before, ...this.#lists.joined].map(({ id }) => id));
    const others = [...before, ...answer.rooms.filter(({ id }) => !known.has(id))];
    this.#set({ others, hasMore: answer.cursor !== undefined });
  }

  #page(query: Parameters<HubbubHttp["listRooms"]>[0]): ReturnType<HubbubHttp["listRooms"]> | Promise<undefined> {
    return persist(() => this.#http.listRooms(query), this.#signal) as ReturnType<HubbubHttp["listRooms"]>;
  }

  #set(change: Partial<RoomLists>): void {
    this.#lists = { ...this.#lists, ...change };
    if (!this.#signal.aborted) this.#changed(this.#lists);
  }
}
