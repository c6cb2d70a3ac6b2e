import type { Tokens } from "@hubbub/protocol";
import type { GetToken } from "./http.ts";
import { HubbubError } from "./hubbub-error.ts";

/** An access token is renewed when less than this is left, so that it outlives the request it goes with. */
const RENEW_BEFORE_MS = 60_000;

/** Tokens as they are kept: `expiresAt` is the end of the access token, in Unix milliseconds of this machine. */
export type StoredTokens = Tokens & { readonly expiresAt: number };

/**
 * Where tokens are kept between runs. Refresh tokens rotate, so every owner of the same ones (tabs, processes) must
 * see each other's: `load` is asked before every refresh.
 */
export interface TokenStorage {
  load(): Promise<StoredTokens | undefined>;
  save(tokens: StoredTokens): Promise<void>;
  /** Runs one refresh at a time among all owners, where the platform has a lock for it. */
  exclusively?<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function toStoredTokens(tokens: Tokens, now = Date.now()): StoredTokens {
  return { ...tokens, expiresAt: now + tokens.expiresIn * 1000 };
}

/** One login: hands out an access token that is still good, and renews it when it is not. */
export class Session {
  #tokens: StoredTokens;
  #renewing: Promise<string> | undefined;
  readonly #refresh: (refreshToken: string) => Promise<Tokens>;
  readonly #storage: TokenStorage | undefined;

  constructor(
    tokens: Tokens | StoredTokens,
    refresh: (refreshToken: string) => Promise<Tokens>,
    storage: TokenStorage | undefined,
  ) {
    this.#tokens = "expiresAt" in tokens ? tokens : toStoredTokens(tokens);
    this.#refresh = refresh;
    this.#storage = storage;
  }

  readonly getToken: GetToken = (fresh) => {
    if (!fresh && isGood(this.#tokens)) return Promise.resolve(this.#tokens.accessToken);
    this.#renewing ??= this.#renew(this.#tokens.accessToken).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  };

  async #renew(refused: string): Promise<string> {
    const exclusively = this.#storage?.exclusively?.bind(this.#storage) ?? ((work) => work());
    return exclusively(async () => {
      const stored = await this.#storage?.load();
      if (stored !== undefined && stored.user.id !== this.#tokens.user.id) throw new HubbubError("session_revoked");
      if (stored !== undefined) this.#tokens = stored;
      if (this.#tokens.accessToken !== refused && isGood(this.#tokens)) return this.#tokens.accessToken;
      this.#tokens = toStoredTokens(await this.#refresh(this.#tokens.refreshToken));
      await this.#storage?.save(this.#tokens);
      return this.#tokens.accessToken;
    });
  }
}

/** A token that lives shorter than the margin is used for half of its life. */
function isGood(tokens: StoredTokens): boolean {
  return tokens.expiresAt - Date.now() > Math.min(RENEW_BEFORE_MS, tokens.expiresIn * 500);
}
