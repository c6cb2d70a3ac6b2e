import type { PublicUser, UserId } from "@hubbub/protocol";

/** A signal holds this long; it comes again every few seconds while somebody types. */
const SHOWN_MS = 6_000;
/** Own signals. The server shows no more of them. */
const TOLD_MS = 3_000;
/** People that are named. */
const NAMES_MAX = 3;

/** Who types in one room. */
export class Typing {
  readonly #me: UserId;
  readonly #changed: (line: string) => void;
  readonly #typing = new Map<UserId, { readonly name: string; readonly timer: ReturnType<typeof setTimeout> }>();
  #toldAt = 0;

  constructor(me: UserId, changed: (line: string) => void) {
    this.#me = me;
    this.#changed = changed;
  }

  /** Whether others are to be told that this user types. */
  mayTell(now = Date.now()): boolean {
    if (now - this.#toldAt < TOLD_MS) return false;
    this.#toldAt = now;
    return true;
  }

  heard({ id, username }: PublicUser): void {
    if (id === this.#me) return;
    clearTimeout(this.#typing.get(id)?.timer);
    this.#typing.set(id, { name: username, timer: setTimeout(() => this.ended(id), SHOWN_MS) });
    this.#tell();
  }

  /** What was typed is there, or nobody types any more. */
  ended(id: UserId): void {
    clearTimeout(this.#typing.get(id)?.timer);
    if (this.#typing.delete(id)) this.#tell();
  }

  end(): void {
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
  }

  #tell(): void {
    this.#changed(typingLine([...this.#typing.values()].map(({ name }) => name)));
  }
}

/** "": nobody types. */
export function typingLine(names: readonly string[]): string {
  const [first = "", second] = names;
  if (names.length > NAMES_MAX) return "Several people are typing…";
  if (second === undefined) return first === "" ? "" : `${first} is typing…`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
}
