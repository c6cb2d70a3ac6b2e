import type { PublicUser } from "@hubbub/protocol";

/** A signal holds this long; it comes again every few seconds while somebody types. */
const SHOWN_MS = 6_000;
/** Own signals at most as often as this. The server shows no more of them. */
const TOLD_MS = 3_000;
/** People that are shown as typing in one room; more are not taken in. */
const TYPING_MAX = 50;

/** The people who are typing in one room, from its signals. `me`: the id of the own user; the list leaves the own user out. */
export class Typists {
  readonly #me: () => string | undefined;
  readonly #changed: () => void;
  readonly #typing = new Map<string, { readonly user: PublicUser; readonly timer: ReturnType<typeof setTimeout> }>();
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(me: () => string | undefined, changed: () => void) {
    this.#me = me;
    this.#changed = changed;
  }

  /** At most 50. */
  get users(): readonly PublicUser[] {
    return [...this.#typing.values()].map(({ user }) => user);
  }

  /** Whether others are to be told that this user types. `now`: milliseconds of any clock. */
  mayTell(now = performance.now()): boolean {
    if (now - this.#toldAt < TOLD_MS) return false;
    this.#toldAt = now;
    return true;
  }

  heard(user: PublicUser): void {
    const known = this.#typing.get(user.id);
    if (user.id === this.#me() || (known === undefined && this.#typing.size >= TYPING_MAX)) return;
    clearTimeout(known?.timer);
    this.#typing.set(user.id, { user, timer: setTimeout(() => this.ended(user.id), SHOWN_MS) });
    if (known === undefined) this.#changed();
  }

  /** What was typed is there, or nobody types any more. */
  ended(id: string): void {
    clearTimeout(this.#typing.get(id)?.timer);
    if (this.#typing.delete(id)) this.#changed();
  }

  /** Nothing is told any more. */
  end(): void {
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
  }
}
