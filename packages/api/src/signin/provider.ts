import { HTTP_PREFIX, ProtocolError, type UserId } from "@hubbub/protocol";
import * as oidc from "openid-client";
import type { ApiSettings } from "../settings.ts";
import type { Tickets } from "./tickets.ts";

/** Time to log in at the provider. It includes the search for a password. */
const LOGIN_MS = 600_000;
const TIMEOUT_S = 10;
/** To be registered at the provider, below PUBLIC_URL. */
const CALLBACK = `${HTTP_PREFIX}/auth/provider/callback`;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What the provider says of the person. */
export interface Identified {
  readonly issuer: string;
  readonly subject: string;
  /** Names to make a username from, best first. */
  readonly names: readonly string[];
  /** The user who links the identity to their account; null: a login. */
  readonly linkTo: UserId | null;
}

interface Remembered {
  readonly verifier: string;
  readonly nonce: string;
  /** Hash of the secret in the browser's cookie. */
  readonly browser: string;
}

interface Configured {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly redirectUri: string;
  readonly name: string;
}

/** A login provider: OpenID Connect, authorization code with PKCE, state and nonce. The state is the ticket. */
export class Provider {
  readonly #configured: Configured;
  readonly #tickets: Tickets;
  /** Asked once; after a failure again. */
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(configured: Configured, tickets: Tickets) {
    this.#configured = configured;
    this.#tickets = tickets;
  }

  static of(settings: ApiSettings, tickets: Tickets): Provider | null {
    const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME, PUBLIC_URL } = settings;
    if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || PUBLIC_URL === undefined) return null;
    return new Provider(
      {
        issuer: new URL(OIDC_ISSUER),
        clientId: OIDC_CLIENT_ID,
        clientSecret: OIDC_CLIENT_SECRET,
        redirectUri: `${PUBLIC_URL}${CALLBACK}`,
        name: OIDC_NAME,
      },
      tickets,
    );
  }

  get name(): string {
    return this.#configured.name;
  }

  /** Where the browser goes next. `browser`: hash of a secret that only this browser has. @throws ProtocolError */
  async begin(from: { address: string; linkTo: UserId | null; browser: string }): Promise<string> {
    const config = await this.#discover();
    const remembered: Remembered = {
      verifier: oidc.randomPKCECodeVerifier(),
      nonce: oidc.randomNonce(),
      browser: from.browser,
    };
    const { address, linkTo: user } = from;
    const state = await this.#tickets.issue("provider", { address, user, ttlMs: LOGIN_MS, data: remembered });
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.#configured.redirectUri,
      scope: "openid profile email",
      code_challenge: await oidc.calculatePKCECodeChallenge(remembered.verifier),
      code_challenge_method: "S256",
      state,
      nonce: remembered.nonce,
    });
    return url.href;
  }

  /**
   * `query`: of the request that the provider sent the browser back with.
   * @throws ProtocolError bad_ticket: not begun in this browser, or finished already; provider_error
   */
  async finish(query: URLSearchParams, browser: string | null): Promise<Identified> {
    const state = query.get("state") ?? "";
    const { user, data } = await this.#tickets.take("provider", state);
    const { verifier, nonce, browser: begunBy } = data as Remembered;
    if (browser !== begunBy)
      throw new ProtocolError("bad_ticket", "this login was begun in another browser; begin again");
    const config = await this.#discover();
    const url = new URL(`${this.#configured.redirectUri}?${query}`);
    const claims = await orRefuse(async () => {
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
      const tokens = await oidc.authorizationCodeGrant(config, url, checks);
      const ofToken = tokens.claims();
      if (ofToken === undefined) return undefined;
      const info = config.serverMetadata().userinfo_endpoint;
      const more = info === undefined ? {} : await oidc.fetchUserInfo(config, tokens.access_token, ofToken.sub);
      return { ...ofToken, ...more, iss: ofToken.iss, sub: ofToken.sub };
    });
    if (claims === undefined) throw new ProtocolError("provider_error", "the login provider sent no identity");
    return { issuer: claims.iss, subject: claims.sub, names: namesOf(claims), linkTo: user };
  }

  #discover(): Promise<oidc.Configuration> {
    this.#discovered ??= this.#ask().catch((error: unknown) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  #ask(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#configured;
    const isLocal = issuer.protocol === "http:" && LOOPBACK.test(issuer.hostname);
    return orRefuse(() =>
      oidc.discovery(issuer, clientId, undefined, authenticationOf(clientSecret), {
        timeout: TIMEOUT_S,
        // Tokens must not cross a network in the clear. On this machine nobody else reads them.
        ...(isLocal ? { execute: [oidc.allowInsecureRequests] } : {}),
      }),
    );
  }
}

/** How the client shows its secret: in a header, as OpenID Connect has it by default, unless the provider takes a body only. */
function authenticationOf(clientSecret: string | undefined): oidc.ClientAuth {
  if (clientSecret === undefined) return oidc.None();
  const [inHeader, inBody] = [oidc.ClientSecretBasic(clientSecret), oidc.ClientSecretPost(clientSecret)];
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    return (taken.includes("client_secret_basic") ? inHeader : inBody)(server, ...rest);
  };
}

/** @throws ProtocolError not_found */
export function providerOf({ provider }: { readonly provider: Provider | null }): Provider {
  if (provider !== null) return provider;
  throw new ProtocolError("not_found", "this server has no login provider");
}

/** The name of the user at the provider. An equal e-mail address does not prove that an account here is theirs. */
function namesOf(claims: Readonly<Record<string, unknown>>): string[] {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name] : "");
  return [
    text("preferred_username").split("@")[0] ?? "",
    text("nickname"),
    text("email").split("@")[0] ?? "",
    text("name"),
    text("given_name"),
  ].filter((name) => name !== "");
}

async function orRefuse<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError("provider_error", faultOf(error), { cause: error });
  }
}

/** The provider's own words only where they are a code: everything else may hold anything. */
function faultOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError) {
    return error.error === "access_denied"
      ? "the login was cancelled at the provider"
      : `the login provider answered ${plain(error.error)}; begin the login again`;
  }
  if (error instanceof oidc.ResponseBodyError) return `the login provider refused: ${plain(error.error)}`;
  if (error instanceof oidc.WWWAuthenticateChallengeError)
    return "the login provider refused this server; its operator must check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET";
  return "the login provider did not answer as expected; try again later";
}

function plain(code: string): string {
  return /^[a-z_]{1,64}$/.test(code) ? code : "with an error";
}
