import type { ClientFrame, UserId } from "@hubbub/protocol";

/** Within this a user is told once: away comes up to so much too soon. */
const TELL_MS = 60_000;

/** The time of the last activity of each user at this gateway. It has no timer: readers compare the times to find users that are away. */
export class Activity {
  readonly #now: () => number;
  /** Unix ms of what was noted last, of users that are connected here. */
  readonly #at = new Map<UserId, number>();
  /** Users whose time was not published. Each is in `#at`, too. */
  readonly #untold = new Set<UserId>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get hasNews(): boolean {
    return this.#untold.size > 0;
  }

  /** The first connection of a user counts. */
  arrived(user: UserId): void {
    if (!this.#at.has(user)) this.note(user);
  }

  /** The user has done something. */
  note(user: UserId): void {
    const now = this.#now();
    if (now - (this.#at.get(user) ?? 0) < TELL_MS) return;
    this.#at.set(user, now);
    this.#untold.add(user);
  }

  /** The user has no connection here any more. */
  forget(user: UserId): void {
    this.#at.delete(user);
    this.#untold.delete(user);
  }

  /** At most `count` that were not told. */
  take(count: number): { user: UserId; at: number }[] {
    const taken = [...this.#untold].slice(0, count);
    for (const user of taken) this.#untold.delete(user);
    return taken.map((user) => ({ user, at: this.#at.get(user) ?? 0 }));
  }

  /** They could not be told. */
  putBack(users: readonly { readonly user: UserId }[]): void {
    for (const { user } of users) if (this.#at.has(user)) this.#untold.add(user);
  }
}

/** Whether a person caused the frame. A client that reconnects by itself subscribes with `since`, or to heads. */
export function isOfPerson(frame: ClientFrame): boolean {
  switch (frame.type) {
    case "publish":
    case "edit":
    case "delete":
    case "react":
    case "pin":
    case "typing":
    case "read":
      return true;
    case "subscribe":
      return frame.room !== undefined && frame.since === undefined && frame.mode !== "head";
    default:
      return false;
  }
}
