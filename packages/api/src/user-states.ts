import type { RoomLog } from "@hubbub/broker";
import type { RoomState as WireState } from "@hubbub/protocol";
import type { RoomState, StateQuery, Store, UserState } from "@hubbub/store";
import { Gathering } from "./gathering.ts";
import { type LogOrStore, NO_LOG } from "./log-or-store.ts";

/** Users in one statement, unless statements of this many take longer than `SLOW_MS`. Above 100, to make up for the first ones of a crowd. */
const USERS_MAX = 125;
const SLOW_MS = 2_000;
/** Statements at once. Further users gather meanwhile, so that a crowd costs few statements and does not exhaust the pool. */
const STATEMENTS_AT_ONCE = 2;
/** Rooms of one user in one answer; a cursor leads to the others. */
const ROOMS_MAX = 500;

type Answer = Omit<UserState, "rooms"> & { readonly rooms: WireState[] };

type LogHead = Awaited<ReturnType<RoomLog["heads"]>>[number] | undefined;

interface Waiting {
  readonly query: StateQuery;
  readonly resolve: (state: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Sources {
  readonly store: Store;
  readonly broker: RoomLog;
  readonly logOrStore: LogOrStore;
}

/** States of users that come back together: one statement and one call to the log for up to `USERS_MAX` of them. */
export class UserStates {
  readonly #sources: Sources;
  /** Bounded by the requests at once. */
  #waiting: Waiting[] = [];
  readonly #gathering = new Gathering();
  #alarm: NodeJS.Timeout | undefined;
  #running = 0;
  #size = USERS_MAX;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  read(query: StateQuery): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ query, resolve, reject });
      if (this.#waiting.length === 1 || this.#waiting.length === this.#size) setImmediate(() => this.#ask());
    });
  }

  #ask(): void {
    clearTimeout(this.#alarm);
    while (this.#waiting.length > 0 && this.#running < STATEMENTS_AT_ONCE) {
      const now = performance.now();
      const msLeft = this.#waiting.length < this.#size ? this.#gathering.msLeft(now) : 0;
      if (msLeft > 0) {
        this.#alarm = setTimeout(() => this.#ask(), Math.ceil(msLeft));
        return;
      }
      const batch = this.#waiting.slice(0, this.#size);
      this.#waiting = this.#waiting.slice(this.#size);
      this.#gathering.begin(batch.length, now);
      void this.#load(batch);
    }
  }

  /** Never rejects: the callers learn of an error. */
  async #load(batch: readonly Waiting[]): Promise<void> {
    this.#running += 1;
    const begun = performance.now();
    try {
      const states = await this.#sources.store.unread.states(
        batch.map(({ query }) => query),
        ROOMS_MAX,
      );
      const heads = await this.#headsOf(states.flatMap(({ rooms }) => rooms));
      for (const [at, { resolve }] of batch.entries()) {
        const state = states[at] as UserState;
        resolve({ ...state, rooms: state.rooms.map((room) => toWire(room, heads.get(room.room))) });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    const isSlow = performance.now() - begun > SLOW_MS;
    this.#size = isSlow ? Math.max(1, Math.floor(batch.length / 2)) : Math.min(USERS_MAX, this.#size * 2);
    this.#running -= 1;
    this.#ask();
  }

  async #headsOf(states: readonly RoomState[]) {
    const rooms = [...new Set(states.map(({ room }) => room))];
    const { broker, logOrStore } = this.#sources;
    const heads = await logOrStore.ask(
      async () => (rooms.length === 0 ? [] : await broker.heads(rooms)),
      () => NO_LOG.heads(rooms),
    );
    return new Map(rooms.map((room, at) => [room, heads[at]]));
  }
}

/** The log is ahead of the store; a room that it does not know has the head that is stored. */
function toWire({ isStarred: starred, last, ...rest }: RoomState, head: LogHead): WireState {
  const { seq, epoch } = head ?? { seq: rest.head, epoch: rest.epoch };
  return { ...rest, starred, head: Math.max(seq, rest.head), epoch, ...(last === undefined ? {} : { last }) };
}
