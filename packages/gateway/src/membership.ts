import { ROLES, type Role, type RoomId, type UserId } from "@hubbub/protocol";
import type { Members } from "@hubbub/store";

/** Upper bound of how long a removed member stays cached if the control message is lost unnoticed. */
const TTL_SECONDS = 300;
/** Share that is evicted when the cache is full. Evicting one by one would iterate over all deleted entries each time. */
const FORGOTTEN_SHARE = 1 / 64;
/** Pairs in one statement. */
const BATCH_MAX = 1_000;
/** Concurrent statements. Lookups gather meanwhile, so that a crowd costs few statements and does not exhaust the pool. */
const BATCHES_AT_ONCE = 2;

interface Pair {
  readonly room: RoomId;
  readonly user: UserId;
}

interface Load extends Pair {
  /** Invalidated during the lookup: the answer must not be cached. */
  isStale: boolean;
  readonly done: Promise<Role | null>;
  readonly resolve: (role: Role | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Caches the members of rooms. Only positive answers are cached, so the next lookup after a join succeeds without a
 * control message.
 */
export class MembershipCache {
  readonly #members: Members;
  readonly #known: KnownMembers;
  /**
   * Lookups for the next statement, which is sent at the end of this turn or when another one has returned. Each batch has
   * a new `Map`: one whose entries come and go without end keeps garbage alive.
   */
  #gathered = new Map<string, Load>();
  /**
   * Running lookups, by statement. Bounded, like the gathered ones, by the frames in progress: one per connection, one per
   * room that is being caught up, and the few signals that the rate of the connection permits.
   */
  #asked: (readonly Load[])[] = [];

  constructor(members: Members, cachedMax: number) {
    this.#members = members;
    this.#known = new KnownMembers(cachedMax, TTL_SECONDS);
  }

  /** undefined: not a member, or not cached. */
  cachedRole(room: RoomId, user: UserId): Role | undefined {
    return this.#known.roleOf(room, user);
  }

  /** null: not a member. A cached role is a promise less: ask for it first. Lookups of one loop turn, or gathered during a statement, become one statement. */
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
      void this.#load(gathered.slice(0, BATCH_MAX).map(([, load]) => load));
    }
  }

  /** Never rejects: the callers of the lookups learn of an error. */
  async #load(batch: readonly Load[]): Promise<void> {
    this.#asked.push(batch);
    try {
      const roles = await this.#members.roles(batch);
      for (const [at, load] of batch.entries()) {
        const role = roles[at] ?? null;
        if (role !== null && !load.isStale) this.#known.add(load.room, load.user, role);
        load.resolve(role);
      }
    } catch (error) {
      for (const load of batch) load.reject(error);
    }
    this.#asked = this.#asked.filter((asked) => asked !== batch);
    this.#ask();
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
 * Members of rooms, each with a time to live. Two levels of maps and a small integer for each pair: one map with a key made
 * of both ids would be a large part of the memory of a connection.
 */
export class KnownMembers {
  readonly #max: number;
  readonly #ttlSeconds: number;
  /**
   * `ROLES.length` times the expiry in monotonic seconds, plus the role, by room and user. At `#max` the oldest members of
   * the oldest rooms are evicted.
   */
  readonly #rooms = new Map<RoomId, Map<UserId, number>>();
  #size = 0;

  constructor(max: number, ttlSeconds: number) {
    this.#max = max;
    this.#ttlSeconds = ttlSeconds;
  }

  roleOf(room: RoomId, user: UserId): Role | undefined {
    const known = this.#rooms.get(room)?.get(user);
    if (known === undefined || Math.floor(known / ROLES.length) <= nowSeconds()) return undefined;
    return ROLES[known % ROLES.length];
  }

  add(room: RoomId, user: UserId, role: Role): void {
    this.delete(room, user);
    if (this.#size >= this.#max) this.#forgetOldest();
    const members = this.#rooms.get(room) ?? new Map<UserId, number>();
    members.set(user, (nowSeconds() + this.#ttlSeconds) * ROLES.length + ROLES.indexOf(role));
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
