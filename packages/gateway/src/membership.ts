import type { Role, RoomId, UserId } from "@hubbub/protocol";
import type { Members } from "@hubbub/store";
import { KnownMembers } from "./known-members.ts";

/** Should a control message be lost without a trace, a removed member is found out after this. */
const TTL_SECONDS = 300;
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
 * Who is a member of what, from a cache. Only members are kept: whoever joins is let in by the next question, without
 * waiting for a control message.
 */
export class Membership {
  readonly #members: Members;
  readonly #known: KnownMembers;
  /** What is asked for; bounded by the frames in progress, one per connection. */
  readonly #loads = new Map<string, Load>();
  #batch: Load[] = [];
  #batchesUnderWay = 0;

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
    const key = keyOf(room, user);
    const loading = this.#loads.get(key);
    if (loading !== undefined && !loading.isStale) return loading.done;
    const load = createLoad(room, user);
    this.#loads.set(key, load);
    this.#batch.push(load);
    if (this.#batch.length === 1) setImmediate(() => this.#loadBatch());
    return load.done;
  }

  forget(room: RoomId, user: UserId): void {
    this.#known.delete(room, user);
    const load = this.#loads.get(keyOf(room, user));
    if (load !== undefined) load.isStale = true;
  }

  clear(): void {
    this.#known.clear();
    for (const load of this.#loads.values()) load.isStale = true;
  }

  #loadBatch(): void {
    while (this.#batch.length > 0 && this.#batchesUnderWay < BATCHES_AT_ONCE) {
      const batch = this.#batch.splice(0, BATCH_MAX);
      this.#batchesUnderWay += 1;
      this.#members
        .roles(batch)
        .then(
          (roles) => this.#loaded(batch, roles),
          (error) => this.#failed(batch, error),
        )
        .finally(() => {
          this.#batchesUnderWay -= 1;
          this.#loadBatch();
        });
    }
  }

  #loaded(loads: readonly Load[], roles: readonly (Role | null)[]): void {
    for (const [at, load] of loads.entries()) {
      const role = roles[at] ?? null;
      if (role !== null && !load.isStale) this.#known.add(load.room, load.user);
      this.#drop(load);
      load.resolve(role);
    }
  }

  #failed(loads: readonly Load[], error: unknown): void {
    for (const load of loads) {
      this.#drop(load);
      load.reject(error);
    }
  }

  #drop(load: Load): void {
    const key = keyOf(load.room, load.user);
    if (this.#loads.get(key) === load) this.#loads.delete(key);
  }
}

function keyOf(room: RoomId, user: UserId): string {
  return room + user;
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
