/**
 * What the page keeps between visits, under a prefix of its own: servers below different paths of one origin do not see
 * each other's. Where the browser forbids it, or has no room left, it is kept in memory until the page is closed.
 */
export class PageStorage {
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();
  readonly #storage: Storage | undefined;
  #isLasting: boolean;

  /** `open` may throw, as `localStorage` does where a browser forbids it. */
  constructor(open: () => Storage, prefix: string) {
    this.#prefix = prefix;
    this.#storage = attempt(open);
    this.#isLasting = this.set("probe", "");
    this.remove("probe");
  }

  /** False once something could not be stored: it is gone after a reload. */
  get isLasting(): boolean {
    return this.#isLasting;
  }

  get(key: string): string | undefined {
    const name = this.#prefix + key;
    return this.#memory.get(name) ?? attempt(() => this.#storage?.getItem(name)) ?? undefined;
  }

  /** Answers whether it outlives the page. */
  set(key: string, text: string): boolean {
    const name = this.#prefix + key;
    this.#memory.delete(name);
    const isStored = attempt(() => {
      this.#storage?.setItem(name, text);
      return this.#storage !== undefined;
    });
    if (isStored) return true;
    // An older text must not come back after a reload.
    attempt(() => this.#storage?.removeItem(name));
    this.#memory.set(name, text);
    this.#isLasting = false;
    return false;
  }

  remove(key: string): void {
    this.#memory.delete(this.#prefix + key);
    attempt(() => this.#storage?.removeItem(this.#prefix + key));
  }

  /** All keys that begin with `start`. */
  keys(start: string): string[] {
    const names = [...(attempt(() => Object.keys(this.#storage ?? {})) ?? []), ...this.#memory.keys()];
    const wanted = names.filter((name) => name.startsWith(this.#prefix + start));
    return [...new Set(wanted)].map((name) => name.slice(this.#prefix.length));
  }

  /** The value under `key`. Damaged text is removed, and counts as nothing. */
  read<Value>(key: string, isValue: (value: unknown) => value is Value): Value | undefined {
    const text = this.get(key);
    if (text === undefined) return undefined;
    const value = attempt(() => JSON.parse(text) as unknown);
    if (isValue(value)) return value;
    this.remove(key);
    return undefined;
  }
}

/** A storage that fails is a browser's choice, and no fault of the page. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
