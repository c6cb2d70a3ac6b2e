import type { HubbubHttp, Person } from "@hubbub/client";
import { type Member, PRESENCE_MAX, type RoomId, type UserId } from "@hubbub/protocol";

/** The members of a room, as far as their list was loaded. */
export interface PeopleState {
  readonly room: RoomId | undefined;
  /** Those who are here first; the first 200. */
  readonly members: readonly Member[];
  readonly persons: ReadonlyMap<UserId, Person>;
  readonly hasMore: boolean;
}

export const NOBODY: PeopleState = { room: undefined, members: [], persons: new Map(), hasMore: false };

/** Presence is asked for anew while somebody looks at it: nobody is told of it. */
const REFRESH_MS = 30_000;
const PAGES_MAX = 10;

export interface PeopleHost {
  readonly http: Pick<HubbubHttp, "members" | "presence">;
  readonly signal: AbortSignal;
  isVisible(): boolean;
  changed(state: PeopleState): void;
  failed(error: unknown): void;
}

/** Members of the room that is looked at, with their presence. */
export class People {
  readonly #host: PeopleHost;
  #state = NOBODY;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of an earlier reading the answer is not shown any more. */
  #reading = 0;

  constructor(host: PeopleHost) {
    this.#host = host;
    host.signal.addEventListener("abort", () => clearInterval(this.#timer));
  }

  /** Loads the members now and at intervals. undefined: stops. */
  look(room: RoomId | undefined): void {
    clearInterval(this.#timer);
    if (room !== this.#state.room) this.#set({ ...NOBODY, room });
    if (room === undefined) return;
    this.refresh();
    this.#timer = setInterval(() => this.#host.isVisible() && this.refresh(), REFRESH_MS);
  }

  /** Nobody looks at this room any more; another one may be looked at by now. */
  leave(room: RoomId): void {
    if (room === this.#state.room) this.look(undefined);
  }

  refresh(): void {
    const { room } = this.#state;
    this.#reading += 1;
    if (room !== undefined) this.#read(room, this.#reading).catch((error: unknown) => this.#host.failed(error));
  }

  async #read(room: RoomId, reading: number): Promise<void> {
    const { http } = this.#host;
    const members: Member[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX && members.length < PRESENCE_MAX; page += 1) {
      const answer = await http.members(room, cursor);
      members.push(...answer.members);
      cursor = answer.cursor;
      if (cursor === undefined) break;
    }
    const shown = members.slice(0, PRESENCE_MAX);
    const people = await http.presence(shown.map(({ user }) => user.id));
    if (room !== this.#state.room || reading !== this.#reading) return;
    const persons = new Map(people.map((person) => [person.user, person]));
    const rank = ({ user }: Member): number => Number(persons.get(user.id)?.online === true);
    const hasMore = cursor !== undefined || shown.length < members.length;
    this.#set({ room, members: shown.sort((a, b) => rank(b) - rank(a)), persons, hasMore });
  }

  #set(state: PeopleState): void {
    this.#state = state;
    if (!this.#host.signal.aborted) this.#host.changed(state);
  }
}

export function statusOf(person: Person | undefined): string {
  const { emoji, text } = person?.status ?? {};
  return [emoji, text].filter((part) => part !== undefined).join(" ");
}

export function presenceOf(person: Person | undefined): "here" | "away" | "gone" {
  if (person?.online !== true) return "gone";
  return person.away ? "away" : "here";
}
