import type { RoomId, UserId } from "@hubbub/protocol";

/** What goes at the bound, of all that is known: one by one, each would walk over the places of those before it. */
const FORGOTTEN_SHARE = 1 / 64;

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
