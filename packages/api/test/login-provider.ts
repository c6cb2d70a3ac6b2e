import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

const TTL_S = 600;
export const CLIENT = { id: "hubbub", secret: "a-secret-of-the-client" };

/** A person at the provider, by what they type as their login. */
export type People = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface LoginProvider extends AsyncDisposable {
  readonly issuer: string;
}

/** A real OpenID provider on a port of its own, with its development forms for login and consent. */
export async function startLoginProvider(people: People, redirectUri: string): Promise<LoginProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email"], profile: ["name", "preferred_username"] },
    cookies: { keys: ["a-key-of-the-test"] },
    pkce: { required: () => true },
    ttl: { Interaction: TTL_S, Session: TTL_S, Grant: TTL_S, AccessToken: TTL_S, IdToken: TTL_S },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  });
  server.on("request", provider.callback());
  return {
    issuer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser at the provider: keeps its cookies and follows its redirects, until they leave it. */
export class ProviderBrowser {
  readonly #issuer: string;
  readonly #cookies = new Map<string, string>();

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** Logs in and consents (or cancels). Answers where the provider sends the browser back to. */
  async visit(url: string, login: string, { cancels = false } = {}): Promise<URL> {
    let at = await this.#follow(url);
    for (const form of [{ prompt: "login", login, password: "any" }, { prompt: "consent" }]) {
      if (!at.href.startsWith(this.#issuer)) return at;
      at = cancels
        ? await this.#follow(`${at.href}/abort`)
        : await this.#follow(at.href, { method: "POST", body: new URLSearchParams(form) });
    }
    return at;
  }

  async #follow(url: string, init: RequestInit = {}): Promise<URL> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: "manual" });
    await response.body?.cancel();
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) return new URL(url);
    const next = new URL(location, url);
    return next.href.startsWith(this.#issuer) ? await this.#follow(next.href) : next;
  }
}
