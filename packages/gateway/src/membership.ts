import type { Role, RoomId, UserId } from "@hubbub/protocol";
import type { Members } from "@hubbub/store";

/** Should a control message be lost without a trace, a removed member is found out after this. */
const TTL_SECONDS = 300;
/** What goes at the bound, of all that is known: one by one, each would walk over the places of those before it. */
const FORGOTTEN_SHARE = 1 / 64;
/** Pairs in one statement. */
const BATCH_MAX = 1_000;
/** Statements under way. Meanwhile the next questions gather, so that a crowd costs few statements, and not the pool. */
const BATCHES_AT_ONCE = 2;

interface Pair {
  readonly room: RoomId;
  readonly user: UserId;
}

interface Load extends Pair {
  /** Told to forget while the answer was on its way: it must not be kept. */
  isStale: boolean;
  readonly done: Promise<Role | null>;
  readonly resolve: (role: Role | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The members of rooms, from a cache. Only members are kept: a user who joins is let in by the next question, without
 * waiting for a control message.
 */
export class MembershipCache {
  readonly #members: Members;
  readonly #known: KnownMembers;
  /**
   * What is asked with the end of this turn, or when a statement has come back. Maps of their own, one after the other:
   * one that entries come to and leave without end drags what it held through the collections.
   */
  #gathered = new Map<string, Load>();
  /**
   * Under way, by statement. Bounded, as what is gathered, by the frames in progress: of a connection one, one for each
   * room that is caught up, and its signals, of which its rate lets few through.
   */
  #asked: (readonly Load[])[] = [];

  constructor(members: Members, cachedMax: number) {
    this.#members = members;
    this.#known = new KnownMembers(cachedMax, TTL_SECONDS);
  }

  /** false: not a member, or it has to be asked for. */
  knows(room: RoomId, user: UserId): boolean {
    return this.#known.has(room, user);
  }

  /** null: not a member. Questions of one loop turn, or asked behind others that wait, become one statement. */
  role(room: RoomId, user: UserId): Promise<Role | null> {
    const key = room + user;
    const gathered = this.#gathered.get(key);
    if (gathered !== undefined) return gathered.done;
    const load = createLoad(room, user);
    this.#gathered.set(key, load);
    if (this.#gathered.size === 1) setImmediate(() => this.#ask());
    return load.done;
  }

  forget(room: RoomId, user: UserId): void {
    this.#known.delete(room, user);
    for (const load of this.#asked.flat()) if (load.room === room && load.user === user) load.isStale = true;
  }

  clear(): void {
    this.#known.clear();
    for (const load of this.#asked.flat()) load.isStale = true;
  }

  #ask(): void {
    while (this.#gathered.size > 0 && this.#asked.length < BATCHES_AT_ONCE) {
      const gathered = [...this.#gathered];
      this.#gathered = new Map(gathered.slice(BATCH_MAX));
      const batch = gathered.slice(0, BATCH_MAX).map(([, load]) => load);
      this.#asked.push(batch);
      this.#members
        .roles(batch)
        .then(
          (roles) => this.#loaded(batch, roles),
          (error) => this.#failed(batch, error),
        )
        .finally(() => {
          this.#asked = this.#asked.filter((asked) => asked !== batch);
          this.#ask();
        });
    }
  }

  #loaded(loads: readonly Load[], roles: readonly (Role | null)[]): void {
    for (const [at, load] of loads.entries()) {
      const role = roles[at] ?? null;
      if (role !== null && !load.isStale) this.#known.add(load.room, load.user);
      load.resolve(role);
    }
  }

  #failed(loads: readonly Load[], error: unknown): void {
    for (const load of loads) load.reject(error);
  }
}

function createLoad(room: RoomId, user: UserId): Load {
  let resolve: Load["resolve"] = () => undefined;
  let reject: Load["reject"] = () => undefined;
  const done = new Promise<Role | null>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { room, user, isStale: false, done, resolve, reject };
}

/**
 * Members of rooms, each for a time. Two levels of maps and a small integer for each pair: an entry of its own with a key
 * made of both ids would be a good part of what a connection costs.
 */
export class KnownMembers {
  readonly #max: number;
  readonly #ttlSeconds: number;
  /** Monotonic seconds until which it holds, by room and user. At `#max` the oldest of the oldest rooms go. */
  readonly #rooms = new Map<RoomId, Map<UserId, number>>();
  #size = 0;

  constructor(max: number, ttlSeconds: number) {
    this.#max = max;
    this.#ttlSeconds = ttlSeconds;
  }

  has(room: RoomId, user: UserId): boolean {
    const until = this.#rooms.get(room)?.get(user);
    return until !== undefined && until > nowSeconds();
  }

  add(room: RoomId, user: UserId): void {
    this.delete(room, user);
    if (this.#size >= this.#max) this.#forgetOldest();
    const members = this.#rooms.get(room) ?? new Map<UserId, number>();
    members.set(user, nowSeconds() + this.#ttlSeconds);
    this.#rooms.set(room, members);
    this.#size += 1;
  }

  delete(room: RoomId, user: UserId): void {
    const members = this.#rooms.get(room);
    if (!members?.delete(user)) return;
    this.#size -= 1;
    if (members.size === 0) this.#rooms.delete(room);
  }

  clear(): void {
    this.#rooms.clear();
    this.#size = 0;
  }

  #forgetOldest(): void {
    const left = this.#max - Math.ceil(this.#max * FORGOTTEN_SHARE);
    for (const [room, members] of this.#rooms) {
      for (const user of members.keys()) {
        if (this.#size <= left) return;
        this.delete(room, user);
      }
    }
  }
}

function nowSeconds(): number {
  return Math.floor(performance.now() / 1_000);
}
