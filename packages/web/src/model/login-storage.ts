import type { StoredTokens, TokenStorage } from "@hubbub/client";
import { hasFields } from "./has-fields.ts";
import type { PageStorage } from "./page-storage.ts";

const KEY = "tokens";
const LOCK = "hubbub.refresh";

/**
 * One login for all tabs of this origin. Where the browser has locks, one tab at a time renews it. A tab uses the login that
 * it read or created, and never removes or replaces the login of another user.
 */
export class LoginStorage implements TokenStorage {
  readonly #storage: PageStorage;
  #held: StoredTokens | undefined;

  constructor(storage: PageStorage) {
    this.#storage = storage;
  }

  /** The login of this tab, as last renewed. */
  get held(): StoredTokens | undefined {
    return this.#held;
  }

  /** Whether the stored login still belongs to the user of this tab. */
  get isStored(): boolean {
    return this.#stored()?.user.id === this.#held?.user.id;
  }

  /** Reads the stored login; this tab uses it from now on. `isDamaged`: a login is stored and cannot be read. */
  take(): { readonly tokens: StoredTokens | undefined; readonly isDamaged: boolean } {
    const wasThere = this.#storage.get(KEY) !== undefined;
    this.#held = this.#stored();
    return { tokens: this.#held, isDamaged: wasThere && this.#held === undefined };
  }

  /** A fresh login, in place of whatever is stored. */
  begin(tokens: StoredTokens): void {
    this.#held = tokens;
    this.#storage.set(KEY, JSON.stringify(tokens));
  }

  async load(): Promise<StoredTokens | undefined> {
    const stored = this.#stored();
    if (stored !== undefined && stored.user.id === this.#held?.user.id) this.#held = stored;
    return stored;
  }

  /** After another tab logged out or somebody else in, the renewed tokens are kept by this tab alone. */
  async save(tokens: StoredTokens): Promise<void> {
    if (this.#held?.user.id !== tokens.user.id) return;
    this.#held = tokens;
    if (this.#stored()?.user.id === tokens.user.id) this.#storage.set(KEY, JSON.stringify(tokens));
  }

  // Outside of a secure context there is no `locks`; the server's grace for two tabs has to do.
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return "locks" in navigator ? (navigator.locks.request(LOCK, work) as Promise<Result>) : work();
  }

  /** The user of this tab logged in anew elsewhere: that login, else undefined. */
  successor(): StoredTokens | undefined {
    const stored = this.#stored();
    const isOwn = stored !== undefined && stored.user.id === this.#held?.user.id;
    return isOwn && stored.refreshToken !== this.#held?.refreshToken ? stored : undefined;
  }

  /** Removes the login of this tab, and no other. */
  forget(): void {
    if (this.#stored()?.refreshToken === this.#held?.refreshToken) this.#storage.remove(KEY);
    this.#held = undefined;
  }

  #stored(): StoredTokens | undefined {
    return this.#storage.read(KEY, isStoredTokens);
  }
}

export function isStoredTokens(value: unknown): value is StoredTokens {
  return (
    hasFields(value, { accessToken: "string", refreshToken: "string", expiresIn: "number", expiresAt: "number" }) &&
    hasFields(value["user"], { id: "string", username: "string" })
  );
}
