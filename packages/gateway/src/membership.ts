import {
  ORDINARY_STANDINGS,
  ProtocolError,
  ROLES,
  type RoomId,
  type Standing,
  standingsWith,
  type UserId,
} from "@hubbub/protocol";
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
  readonly done: Promise<Standing | null>;
  readonly resolve: (standing: Standing | null) => void;
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
  cached(room: RoomId, user: UserId): Standing | undefined {
    return this.#known.standingOf(room, user);
  }

  /** @throws ProtocolError not_member */
  async require(room: RoomId, user: UserId): Promise<Standing> {
    const standing = this.cached(room, user) ?? (await this.standing(room, user));
    if (standing === null) throw new ProtocolError("not_member");
    return standing;
  }

  /** null: not a member. Ask `cached` first: it makes no promise. Lookups of one loop turn, or gathered during a statement, become one statement. */
  standing(room: RoomId, user: UserId): Promise<Standing | null> {
    const key = room + user;
    const gathered = this.#gathered.get(key);
    if (gathered !== undefined) return gathered.done;
    const load = createLoad(room, user);
    this.#gathered.set(key, load);
    if (this.#gathered.size === 1) setImmediate(() => this.#ask());
    return load.done;
  }

  /** Without `user`: all members of the room. */
  forget(room: RoomId, user?: UserId): void {
    if (user === undefined) this.#known.deleteRoom(room);
    else this.#known.delete(room, user);
    for (const load of this.#asked.flat()) load.isStale ||= load.room === room && (user ?? load.user) === load.user;
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
      const standings = await this.#members.standings(batch);
      for (const [at, load] of batch.entries()) {
        const standing = standings[at] ?? null;
        if (standing !== null && !load.isStale) this.#known.add(load.room, load.user, standing);
        load.resolve(standing);
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
  const done = new Promise<Standing | null>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { room, user, isStale: false, done, resolve, reject };
}

interface KnownRoom {
  readonly members: Map<UserId, number>;
  /** By role. All rooms without settings share one array. */
  standings: readonly Standing[];
  /** Members who are muted, or from whom the room hides its history. */
  readonly others: Map<UserId, Standing>;
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
  readonly #rooms = new Map<RoomId, KnownRoom>();
  #size = 0;

  constructor(max: number, ttlSeconds: number) {
    this.#max = max;
    this.#ttlSeconds = ttlSeconds;
  }

  standingOf(room: RoomId, user: UserId): Standing | undefined {
    const known = this.#rooms.get(room);
    const member = known?.members.get(user);
    if (member === undefined || Math.floor(member / ROLES.length) <= nowSeconds()) return undefined;
    return known?.others.get(user) ?? known?.standings[member % ROLES.length];
  }

  add(room: RoomId, user: UserId, standing: Standing): void {
    const { role, settings, mutedUntil, from } = standing;
    this.delete(room, user);
    if (this.#size >= this.#max) this.#forgetOldest();
    const known = this.#rooms.get(room) ?? {
      members: new Map<UserId, number>(),
      standings: ORDINARY_STANDINGS,
      others: new Map<UserId, Standing>(),
    };
    if (settings !== known.standings[0]?.settings) known.standings = standingsWith(settings);
    if (mutedUntil !== undefined || from > 0) known.others.set(user, standing);
    known.members.set(user, (nowSeconds() + this.#ttlSeconds) * ROLES.length + ROLES.indexOf(role));
    this.#rooms.set(room, known);
    this.#size += 1;
  }

  delete(room: RoomId, user: UserId): void {
    const known = this.#rooms.get(room);
    if (!known?.members.delete(user)) return;
    known.others.delete(user);
    this.#size -= 1;
    if (known.members.size === 0) this.#rooms.delete(room);
  }

  deleteRoom(room: RoomId): void {
    this.#size -= this.#rooms.get(room)?.members.size ?? 0;
    this.#rooms.delete(room);
  }

  clear(): void {
    this.#rooms.clear();
    this.#size = 0;
  }

  #forgetOldest(): void {
    const left = this.#max - Math.ceil(this.#max * FORGOTTEN_SHARE);
    for (const [room, { members }] of this.#rooms) {
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
