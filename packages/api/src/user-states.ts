import type { RoomHead, RoomLog } from "@hubbub/broker";
import type { RoomState as WireState } from "@hubbub/protocol";
import type { RoomState, StateQuery, Store, UserState } from "@hubbub/store";
import { type LogOrStore, NO_LOG } from "./log-or-store.ts";
import { headsOf } from "./room-heads.ts";

/** Users in one statement, unless statements of this many take longer than `SLOW_MS`. */
const USERS_MAX = 100;
const SLOW_MS = 1_000;
/** Statements at once. Further users gather meanwhile, so that a crowd costs few statements and does not exhaust the pool. */
const STATEMENTS_AT_ONCE = 2;
/** Rooms of one user in one answer; a cursor leads to the others. */
export const ROOMS_MAX = 500;

type Position = Pick<RoomHead, "epoch" | "seq">;
type Answer = Omit<UserState, "rooms"> & { readonly rooms: WireState[] };

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

/** States of users that come back together: one statement and one look at the heads for up to `USERS_MAX` of them. */
export class UserStates {
  readonly #sources: Sources;
  /** Bounded by the requests at once. */
  #waiting: Waiting[] = [];
  #running = 0;
  #size = USERS_MAX;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  read(query: StateQuery): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ query, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#ask());
    });
  }

  #ask(): void {
    while (this.#waiting.length > 0 && this.#running < STATEMENTS_AT_ONCE) {
      const batch = this.#waiting.slice(0, this.#size);
      this.#waiting = this.#waiting.slice(this.#size);
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
    const { store, broker, logOrStore } = this.#sources;
    const heads = await logOrStore.ask(
      () => headsOf({ store, log: broker }, rooms),
      () => headsOf({ store, log: NO_LOG }, rooms),
    );
    return new Map(rooms.map((room, at) => [room, heads[at]]));
  }
}

function toWire({ isStarred: starred, last, ...rest }: RoomState, head: Position | undefined): WireState {
  const { seq = 0, epoch = 0 } = head ?? {};
  return { ...rest, starred, head: Math.max(seq, rest.head), epoch, ...(last === undefined ? {} : { last }) };
}
