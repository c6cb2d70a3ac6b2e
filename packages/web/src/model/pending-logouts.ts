import { createClient, HubbubError, type StoredTokens } from "@hubbub/client";
import { newId } from "@hubbub/protocol";
import { isStoredTokens } from "./login-storage.ts";
import type { PageStorage } from "./page-storage.ts";

const KEY = "logout.";
/** Logouts that wait for the server; at the bound the oldest is given up, and its session ends by itself. */
const PENDING_MAX = 10;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
/** The server knows no such session any more. */
const HOLDS = new Set(["bad_token", "session_revoked", "refresh_reused"]);

/** Ends a session at the server. @throws HubbubError */
export type EndSession = (tokens: StoredTokens, renewed: (tokens: StoredTokens) => void) => Promise<void>;

/** Logouts that the server has not confirmed. Their tokens are kept, and each is repeated until it holds. */
export class PendingLogouts {
  readonly #storage: PageStorage;
  readonly #endSession: EndSession;
  readonly #changed: (waiting: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;

  /** `changed` is told after every round how many still wait. */
  constructor(storage: PageStorage, endSession: EndSession, changed: (waiting: number) => void) {
    this.#storage = storage;
    this.#endSession = endSession;
    this.#changed = changed;
  }

  add(tokens: StoredTokens): void {
    const excess = this.#storage
      .keys(KEY)
      .sort()
      .slice(0, 1 - PENDING_MAX);
    for (const key of excess) this.#storage.remove(key);
    this.#storage.set(KEY + newId(), JSON.stringify(tokens));
  }

  /** Tries all that wait, now and again until none is left. */
  async run(): Promise<void> {
    clearTimeout(this.#timer);
    const keys = this.#storage.keys(KEY);
    if (keys.length === 0) return;
    await Promise.all(keys.map((key) => this.#try(key)));
    const waiting = this.#storage.keys(KEY).length;
    this.#changed(waiting);
    clearTimeout(this.#timer);
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts);
    this.#attempts = waiting === 0 ? 0 : this.#attempts + 1;
    if (waiting > 0) this.#timer = setTimeout(() => this.run().catch(reportError), delayMs);
  }

  async #try(key: string): Promise<void> {
    const tokens = this.#storage.read(key, isStoredTokens);
    if (tokens === undefined) return;
    try {
      await this.#endSession(tokens, (renewed) => this.#storage.set(key, JSON.stringify(renewed)));
    } catch (error) {
      if (!(error instanceof HubbubError)) throw error;
      if (!HOLDS.has(error.code)) return;
    }
    this.#storage.remove(key);
  }
}

/** Over HTTP, with an access token that is renewed where needed. */
export function sessionEnder(url: string): EndSession {
  return (tokens, renewed) => {
    const storage = { load: async () => undefined, save: async (next: StoredTokens) => renewed(next) };
    return createClient({ url, tokens, storage }).http.logout();
  };
}
