import type {
  AccessTokenInfo,
  IdentityInfo,
  NewAccessToken,
  PasskeyInfo,
  Scope,
  ScopedAccess,
  SecondFactorStatus,
  SigninMethods,
  Tokens,
} from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";
import { type GetToken, HubbubHttp } from "./http.ts";

/** That it is the user. Neither is needed in the first ten minutes of a login. */
export interface Proof {
  readonly password?: string | undefined;
  /** Of an authenticator app, or a recovery code. */
  readonly code?: string | undefined;
}

/** `options`: for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` of a browser. */
export interface PasskeyOptions {
  readonly ticket: string;
  readonly options: object;
}

/** `answer`: what `toJSON` of the browser's credential gives. */
export interface PasskeyAnswer {
  readonly ticket: string;
  readonly answer: object;
}

/** The ways to sign in besides a password, one method per call. Every refusal is a `HubbubError`. */
export class HubbubSignin {
  readonly #http: HubbubHttp;

  /** `http` without a token can log in, and nothing else. */
  constructor(http: HubbubHttp) {
    this.#http = http;
  }

  /** What this server offers. */
  methods(): Promise<SigninMethods> {
    return this.#http.request("GET", "/auth/methods", undefined, { isOpen: true });
  }

  /** The second half of a login that failed with `second_factor_required`: `ticket` of the error's `secondFactor`. */
  finish(ticket: string, factor: { readonly code: string } | { readonly passkey: PasskeyAnswer }): Promise<Tokens> {
    return this.#open("/auth/second-factor", { ticket, ...factor });
  }

  /** `ticket`: of a login that asks for a second factor; without one, the passkey is the whole login. */
  passkeyOptions(ticket?: string): Promise<PasskeyOptions> {
    return ticket === undefined
      ? this.#open("/auth/passkey/options")
      : this.#open("/auth/second-factor/passkey", { ticket });
  }

  passkeyLogin(answer: PasskeyAnswer): Promise<Tokens> {
    return this.#open("/auth/passkey", answer);
  }

  /** `ticket`: in the address that the login provider's redirect ends at, behind `#login_ticket=`. */
  providerLogin(ticket: string): Promise<Tokens> {
    return this.#open("/auth/provider/token", { ticket });
  }

  secondFactors(): Promise<SecondFactorStatus> {
    return this.#http.request("GET", "/me/second-factor");
  }

  /** Shown once; on after `confirmTotp`. */
  beginTotp(proof: Proof = {}): Promise<{ uri: string; secret: string }> {
    return this.#http.request("POST", "/me/totp", proof);
  }

  /** `codes`: recovery codes, shown once, unless the user has some. */
  confirmTotp(code: string): Promise<{ codes?: string[] | undefined }> {
    return this.#http.request("POST", "/me/totp/confirm", { code });
  }

  removeTotp(proof: Proof): Promise<void> {
    return this.#http.request("POST", "/me/totp/remove", proof);
  }

  /** The codes of before are void. */
  renewRecoveryCodes(proof: Proof = {}): Promise<{ codes: string[] }> {
    return this.#http.request("POST", "/me/recovery-codes", proof);
  }

  async passkeys(): Promise<PasskeyInfo[]> {
    return withLists(await this.#http.request<{ passkeys: PasskeyInfo[] }>("GET", "/me/passkeys"), "passkeys").passkeys;
  }

  newPasskeyOptions(proof: Proof = {}): Promise<PasskeyOptions> {
    return this.#http.request("POST", "/me/passkeys/options", proof);
  }

  /** `secondFactor`: a login with the password asks for it from then on. */
  addPasskey(
    passkey: PasskeyAnswer & { readonly name: string; readonly secondFactor?: boolean | undefined },
  ): Promise<PasskeyInfo & { codes?: string[] | undefined }> {
    return this.#http.request("POST", "/me/passkeys", passkey);
  }

  removePasskey(id: string, proof: Proof): Promise<void> {
    return this.#http.request("POST", `/me/passkeys/${encodeURIComponent(id)}/remove`, proof);
  }

  /** `days` until it ends, 90 by default. `token` of the answer is shown once. */
  createToken(
    token: Proof & { readonly name: string; readonly scopes: readonly Scope[]; readonly days?: number | undefined },
  ): Promise<NewAccessToken> {
    return this.#http.request("POST", "/me/tokens", token);
  }

  async tokens(): Promise<AccessTokenInfo[]> {
    return withLists(await this.#http.request<{ tokens: AccessTokenInfo[] }>("GET", "/me/tokens"), "tokens").tokens;
  }

  /** Its connections close. */
  revokeToken(id: string): Promise<void> {
    return this.#http.request("DELETE", `/me/tokens/${encodeURIComponent(id)}`);
  }

  /** Where the browser goes to link a login at the provider to this account. */
  linkIdentity(proof: Proof = {}): Promise<{ url: string }> {
    return this.#http.request("POST", "/me/identities", proof);
  }

  async identities(): Promise<IdentityInfo[]> {
    return withLists(await this.#http.request<{ identities: IdentityInfo[] }>("GET", "/me/identities"), "identities")
      .identities;
  }

  unlinkIdentity(id: string): Promise<void> {
    return this.#http.request("DELETE", `/me/identities/${encodeURIComponent(id)}`);
  }

  #open<Answer>(path: string, body?: object): Promise<Answer> {
    return this.#http.request("POST", path, body, { isOpen: true });
  }
}

/**
 * `getToken` for `createClient`, of a personal access token (`hub_…`). It is exchanged for access tokens, which are renewed
 * when half of their life is over.
 */
export function personalToken({ url, token }: { readonly url: string; readonly token: string }): GetToken {
  const http = new HubbubHttp({ url, getToken: () => Promise.resolve(token) });
  let known: { readonly accessToken: string; readonly goodUntil: number } | undefined;
  let asking: Promise<string> | undefined;
  const exchange = async (): Promise<string> => {
    const { accessToken, expiresIn } = await http.request<ScopedAccess>("POST", "/auth/token");
    known = { accessToken, goodUntil: performance.now() + expiresIn * 500 };
    return accessToken;
  };
  return (fresh) => {
    if (!fresh && known !== undefined && performance.now() < known.goodUntil) return Promise.resolve(known.accessToken);
    asking ??= exchange().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
