import { HTTP_PREFIX, type IdentityInfo, type Problem, type Tokens } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT, type LoginProvider, ProviderBrowser, startLoginProvider } from "../../test/login-provider.ts";
import { ageSessions } from "../../test/signin.ts";
import { openWorld, TestApi, toPerson, type World } from "../../test/test-api.ts";

const PASSWORD = "correct horse";
const PUBLIC_URL = "https://chat.example.com";
const CALLBACK = `${PUBLIC_URL}${HTTP_PREFIX}/auth/provider/callback`;
/** What browsers accept when they open a page. */
const HTML = "text/html,application/xhtml+xml,*/*;q=0.8";
const PEOPLE = {
  ada: { preferred_username: "ada.l", email: "ada@example.com", name: "Ada Lovelace" },
  eve: { preferred_username: "victim", email: "victim@example.com" },
  root: { preferred_username: "admin", name: "Zoë Ångström" },
  grace: { preferred_username: "grace" },
  mallory: { preferred_username: "mallory" },
  strange: { preferred_username: "\u4f60\u597d" },
};
type Login = keyof typeof PEOPLE;

let world: World;
let provider: LoginProvider;
let api: TestApi;
const envOf = (issuer: string, secret = CLIENT.secret) => ({
  PUBLIC_URL,
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: CLIENT.id,
  OIDC_CLIENT_SECRET: secret,
  OIDC_NAME: "The club",
});
beforeAll(async () => {
  world = await openWorld();
  provider = await startLoginProvider(PEOPLE, CALLBACK);
  api = new TestApi(world, envOf(provider.issuer));
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** The cookie that the api gave the browser. */
const cookieOf = (response: { headers: Headers }) => response.headers.get("set-cookie")?.split(";")[0] ?? "";

async function begin(at = api) {
  const response = await at.fetch(`${HTTP_PREFIX}/auth/provider`);
  return { url: response.headers.get("location") ?? "", cookie: cookieOf(response), response };
}

/** The browser comes back to the api. */
async function comeBack(url: URL, cookie: string, at = api, accept = "*/*") {
  expect(url.href.startsWith(CALLBACK)).toBe(true);
  const response = await at.fetch(url.pathname + url.search, { headers: { cookie, accept } });
  const text = await response.text();
  const problem = text === "" ? undefined : (JSON.parse(text) as Problem);
  return { status: response.status, location: response.headers.get("location"), problem };
}

const redeem = (location: string | null, cookie: string) => {
  const ticket = /#login_ticket=(.+)$/.exec(location ?? "")?.[1];
  return api.call<Tokens>("POST", "/auth/provider/token", { body: { ticket }, headers: { cookie } });
};

async function logIn(login: Login) {
  const { url, cookie } = await begin();
  const back = await new ProviderBrowser(provider.issuer).visit(url, login);
  return redeem((await comeBack(back, cookie)).location, cookie);
}

test("a first login makes an account of a name from the claims, and a later one finds it", async () => {
  expect((await api.call("GET", "/auth/methods")).body).toMatchObject({ provider: { name: "The club" } });
  const { response } = await begin();
  expect(response.status).toBe(302);
  expect(response.headers.get("set-cookie")).toMatch(/HttpOnly; Secure; SameSite=Lax/);
  const first = await logIn("ada");
  expect(first).toMatchObject({ status: 200, body: { user: { username: "ada.l" } } });
  const again = await logIn("ada");
  expect(again.body.user).toEqual(first.body.user);
  expect(await api.call("GET", "/me", { token: again.body.accessToken })).toMatchObject({ status: 200 });
});

test("a taken, reserved or impossible name is replaced, and no account is ever taken over", async () => {
  const body = { username: "victim", password: "correct horse", email: "victim@example.com" };
  const victim = toPerson((await api.call<Tokens>("POST", "/auth/signup", { body })).body);
  const { user } = (await logIn("eve")).body;
  expect(user.id).not.toBe(victim.user.id);
  expect(user.username).toMatch(/^victim-\d{5}$/);
  expect((await logIn("root")).body.user.username).toBe("Zoe-Angstrom");
  expect((await logIn("strange")).body.user.username).toMatch(/^user-\d{5}$/);
});

test("a user links a login, which then logs in to that account, and unlinks it", async () => {
  const person = await api.signup();
  const link = async (token: string, accept?: string) => {
    const begun = await api.call<{ url: string }>("POST", "/me/identities", { token });
    const back = await new ProviderBrowser(provider.issuer).visit(begun.body.url, "grace");
    return comeBack(back, cookieOf(begun), api, accept);
  };
  expect(await link(person.token)).toMatchObject({ status: 302, location: `${PUBLIC_URL}/#linked` });
  expect((await logIn("grace")).body.user).toEqual(person.user);
  const other = await api.signup();
  expect(await link(other.token)).toMatchObject({ status: 409, problem: { code: "identity_taken" } });
  const told = `${PUBLIC_URL}/#login_refused=identity_taken`;
  expect(await link(other.token, HTML)).toMatchObject({ status: 302, location: told });
  const list = () => api.call<{ identities: IdentityInfo[] }>("GET", "/me/identities", { token: person.token });
  const [identity] = (await list()).body.identities;
  expect(identity).toMatchObject({ issuer: provider.issuer, subject: "grace", usedAt: expect.any(Number) });
  const unlink = (token: string) => api.call("DELETE", `/me/identities/${identity?.id}`, { token });
  expect((await unlink(other.token)).status).toBe(404);
  expect((await unlink(person.token)).status).toBe(204);
  expect((await list()).body.identities).toEqual([]);
  const guest = await api.guest();
  expect((await api.call("POST", "/me/identities", { token: guest.token })).status).toBe(403);
  const aged = ageSessions(world);
  const late = (body: object) => api.call("POST", "/me/identities", { token: person.token, body });
  expect(await late({})).toMatchObject({ status: 403, body: { code: "proof_required" } });
  expect((await late({ password: "correct horse" })).status).toBe(200);
  aged.mockRestore();
});

test("a stolen token alone neither links a login nor unlinks one", async () => {
  const person = await api.signup(PASSWORD);
  const aged = ageSessions(world);
  const begin = (body?: object) =>
    api.call<{ url: string }>("POST", "/me/identities", { token: person.token, ...(body && { body }) });
  for (const body of [undefined, {}])
    expect(await begin(body)).toMatchObject({ status: 403, body: { code: "proof_required" } });
  expect(await begin({ password: "wrong horse" })).toMatchObject({ status: 401, body: { code: "bad_credentials" } });
  const begun = await begin({ password: PASSWORD });
  const back = await new ProviderBrowser(provider.issuer).visit(begun.body.url, "mallory");
  expect((await comeBack(back, cookieOf(begun))).status).toBe(302);
  const [identity] = await world.store.signin.identities.list(person.user.id);
  const unlink = (body: object) => api.call("DELETE", `/me/identities/${identity?.id}`, { token: person.token, body });
  expect(await unlink({})).toMatchObject({ status: 403, body: { code: "proof_required" } });
  expect((await unlink({ password: PASSWORD })).status).toBe(204);
  aged.mockRestore();
});

test("a login is finished once, and only in the browser that began it", async () => {
  const { url, cookie } = await begin();
  const back = await new ProviderBrowser(provider.issuer).visit(url, "ada");
  const refused = { status: 401, problem: { code: "bad_ticket" } };
  const done = await comeBack(back, cookie);
  expect(done.status).toBe(302);
  expect(await comeBack(back, cookie)).toMatchObject(refused);
  expect((await redeem(done.location, cookie)).status).toBe(200);
  expect(await redeem(done.location, cookie)).toMatchObject({ status: 401, body: { code: "bad_ticket" } });
  const stolen = await begin();
  const elsewhere = await new ProviderBrowser(provider.issuer).visit(stolen.url, "ada");
  expect(await comeBack(elsewhere, "")).toMatchObject(refused);
  const other = await begin();
  const sent = await comeBack(await new ProviderBrowser(provider.issuer).visit(other.url, "ada"), other.cookie);
  expect(await redeem(sent.location, (await begin()).cookie)).toMatchObject({ status: 401 });
  const mine = await begin();
  const theirs = await new ProviderBrowser(provider.issuer).visit(mine.url, "ada");
  expect(await comeBack(theirs, (await begin()).cookie)).toMatchObject(refused);
});

test.each([
  ["nonce", "provider_error"],
  ["code_challenge", "provider_error"],
  ["state", "bad_ticket"],
])("a login whose %s was changed on the way is refused", async (name, code) => {
  const { url, cookie } = await begin();
  const changed = new URL(url);
  changed.searchParams.set(name, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  const back = await new ProviderBrowser(provider.issuer).visit(changed.href, "ada");
  expect((await comeBack(back, cookie)).problem).toMatchObject({ code });
});

test("refusals and outages of the provider get plain answers", async () => {
  const { url, cookie } = await begin();
  const back = await new ProviderBrowser(provider.issuer).visit(url, "ada", { cancels: true });
  const cancelled = { code: "provider_error", detail: "the login was cancelled at the provider" };
  expect(await comeBack(back, cookie)).toMatchObject({ status: 502, problem: cancelled });
  const wrong = new TestApi(world, envOf(provider.issuer, "not-the-secret"));
  const begun = await begin(wrong);
  const came = await new ProviderBrowser(provider.issuer).visit(begun.url, "ada");
  const refused = { code: "provider_error", detail: expect.stringContaining("OIDC_CLIENT_SECRET") };
  expect(await comeBack(came, begun.cookie, wrong)).toMatchObject({ status: 502, problem: refused });
  const away = new TestApi(world, envOf("http://127.0.0.1:9"));
  expect(await away.call("GET", "/auth/provider")).toMatchObject({ status: 502, body: { code: "provider_error" } });
  const headers = { accept: HTML };
  expect((await away.fetch(`${HTTP_PREFIX}/auth/provider`, { headers })).headers.get("location")).toBe(
    `${PUBLIC_URL}/#login_refused=provider_error`,
  );
  expect(await new TestApi(world).call("GET", "/auth/provider")).toMatchObject({ status: 404 });
});
