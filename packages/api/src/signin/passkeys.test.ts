import { generateKeyPairSync } from "node:crypto";
import type { PasskeyInfo, Problem, Tokens } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Authenticator } from "../../test/authenticator.ts";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

const PUBLIC_URL = "https://chat.example.com";
const PASSWORD = "correct horse";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { PUBLIC_URL });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Asked {
  readonly ticket: string;
  readonly options: { readonly challenge: string; readonly allowCredentials?: { readonly id: string }[] };
}

const ask = async (path: string, body?: object, token?: string, address?: string) =>
  (await api.call<Asked>("POST", path, { body, token, ...(address === undefined ? {} : { address }) })).body;

type Created = PasskeyInfo & { readonly codes?: string[]; readonly code?: string };

async function add(person: Person, device: Authenticator, more: object = {}, change = {}) {
  const { ticket, options } = await ask("/me/passkeys/options", {}, person.token);
  const body = { ticket, name: "phone", answer: device.create(options, change), ...more };
  return api.call<Created>("POST", "/me/passkeys", { token: person.token, body });
}

async function owner(more: object = {}): Promise<{ person: Person; device: Authenticator }> {
  const person = await api.signup(PASSWORD);
  const device = new Authenticator(PUBLIC_URL);
  expect((await add(person, device, more)).status).toBe(201);
  return { person, device };
}

async function logIn(device: Authenticator, change = {}) {
  const { ticket, options } = await ask("/auth/passkey/options");
  return api.call<Tokens & Problem>("POST", "/auth/passkey", { body: { ticket, answer: device.get(options, change) } });
}

const list = async ({ token }: Person) =>
  (await api.call<{ passkeys: PasskeyInfo[] }>("GET", "/me/passkeys", { token })).body.passkeys;
const bad = { status: 401, body: { code: "bad_passkey" } };

test("a passkey is added, logs in without a name, and logs in no more once it is removed", async () => {
  const { person, device } = await owner();
  expect(await logIn(device)).toMatchObject({ status: 200, body: { user: person.user } });
  const [passkey] = await list(person);
  expect(passkey).toMatchObject({ id: device.id, name: "phone", secondFactor: false, usedAt: expect.any(Number) });
  const remove = (token: string, body: object) => api.call("POST", `/me/passkeys/${device.id}/remove`, { token, body });
  expect(await remove(person.token, {})).toMatchObject({ status: 403, body: { code: "proof_required" } });
  const stranger = await api.signup(PASSWORD);
  expect((await remove(stranger.token, { password: PASSWORD })).status).toBe(404);
  expect((await remove(person.token, { password: PASSWORD })).status).toBe(204);
  expect(await logIn(device)).toMatchObject(bad);
  expect(await list(person)).toEqual([]);
});

test.each([
  ["another page", { origin: "https://chat.example.org" }],
  ["another host", { host: "example.com" }],
  ["no check of the user", { isVerified: false }],
  ["another key", { signer: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }],
])("an answer of %s is refused", async (_what, change) => {
  const { device } = await owner();
  expect(await logIn(device, change)).toMatchObject(bad);
  expect((await logIn(device)).status).toBe(200);
});

test("a new passkey of another page or of another user's challenge is refused", async () => {
  const person = await api.signup(PASSWORD);
  const device = new Authenticator(PUBLIC_URL);
  expect(await add(person, device, {}, { origin: "https://evil.example" })).toMatchObject(bad);
  const other = await api.signup(PASSWORD);
  const { ticket, options } = await ask("/me/passkeys/options", {}, other.token);
  const body = { ticket, name: "phone", answer: device.create(options) };
  expect(await api.call("POST", "/me/passkeys", { token: person.token, body })).toMatchObject({
    status: 401,
    body: { code: "bad_ticket" },
  });
});

test("a challenge is answered once", async () => {
  const { device } = await owner();
  const { ticket, options } = await ask("/auth/passkey/options");
  const body = { ticket, answer: device.get(options) };
  const answers = await Promise.all([1, 2].map(() => api.call("POST", "/auth/passkey", { body })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  const fresh = (await ask("/auth/passkey/options")).ticket;
  expect(await api.call("POST", "/auth/passkey", { body: { ...body, ticket: fresh } })).toMatchObject(bad);
});

test("a counter that does not rise is refused: a copied authenticator", async () => {
  const { device } = await owner();
  expect((await logIn(device, { counter: 5 })).status).toBe(200);
  for (const counter of [5, 4, 0]) expect(await logIn(device, { counter })).toMatchObject(bad);
  expect((await logIn(device, { counter: 6 })).status).toBe(200);
});

test("a passkey as second factor: a login with the password asks for it, and recovery codes help", async () => {
  const person = await api.signup(PASSWORD);
  const device = new Authenticator(PUBLIC_URL);
  const added = await add(person, device, { secondFactor: true });
  expect(added.body.codes).toHaveLength(10);
  const body = { username: person.user.username, password: PASSWORD };
  const login = async () => (await api.call<Problem>("POST", "/auth/login", { body })).body;
  const first = await login();
  expect(first).toMatchObject({ code: "second_factor_required", secondFactor: { methods: ["passkey", "recovery"] } });
  const { ticket = "" } = first.secondFactor ?? {};
  const finish = (more: object) => api.call<Tokens>("POST", "/auth/second-factor", { body: { ticket, ...more } });
  const asked = await ask("/auth/second-factor/passkey", { ticket });
  expect(asked.options.allowCredentials).toEqual([expect.objectContaining({ id: device.id })]);
  const other = (await owner()).device;
  expect(await finish({ passkey: { ticket: asked.ticket, answer: other.get(asked.options) } })).toMatchObject(bad);
  const again = await ask("/auth/second-factor/passkey", { ticket });
  const done = await finish({ passkey: { ticket: again.ticket, answer: device.get(again.options) } });
  expect(done).toMatchObject({ status: 200, body: { user: person.user } });
  const next = (await login()).secondFactor?.ticket;
  const recovered = { ticket: next, code: added.body.codes?.[0] };
  expect((await api.call("POST", "/auth/second-factor", { body: recovered })).status).toBe(200);
});

test("the challenge of a login does not serve as a second factor, nor the other way round", async () => {
  const { person, device } = await owner({ secondFactor: true });
  const body = { username: person.user.username, password: PASSWORD };
  const { ticket } = (await api.call<Problem>("POST", "/auth/login", { body })).body.secondFactor ?? { ticket: "" };
  const login = await ask("/auth/passkey/options");
  const passkey = { ticket: login.ticket, answer: device.get(login.options) };
  const badTicket = { status: 401, body: { code: "bad_ticket" } };
  expect(await api.call("POST", "/auth/second-factor", { body: { ticket, passkey } })).toMatchObject(badTicket);
  const factor = await ask("/auth/second-factor/passkey", { ticket });
  const answered = { ticket: factor.ticket, answer: device.get(factor.options) };
  expect(await api.call("POST", "/auth/passkey", { body: answered })).toMatchObject(badTicket);
});

test("G8 logins in progress of one address, and passkeys of one user, are bounded", async () => {
  const strict = new TestApi(world, { PUBLIC_URL, SIGNINS_PENDING_PER_ADDRESS: "2", PASSKEYS_PER_USER: "1" });
  const begin = (address: string) => strict.call("POST", "/auth/passkey/options", { address });
  const statuses = [await begin("192.0.2.9"), await begin("192.0.2.9"), await begin("192.0.2.9")];
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect((await begin("192.0.2.10")).status).toBe(200);
  const { person } = await owner();
  const { ticket, options } = await ask("/me/passkeys/options", {}, person.token);
  const body = { ticket, name: "second", answer: new Authenticator(PUBLIC_URL).create(options) };
  expect(await strict.call("POST", "/me/passkeys", { token: person.token, body })).toMatchObject({
    status: 409,
    body: { code: "limit_reached" },
  });
});

test("a server without PUBLIC_URL has no passkeys, and says so", async () => {
  const bare = new TestApi(world);
  expect(await bare.call("POST", "/auth/passkey/options")).toMatchObject({
    status: 404,
    body: { code: "not_found" },
  });
  const methods = async (at: TestApi) => (await at.call("GET", "/auth/methods")).body;
  expect(await methods(bare)).toEqual({ password: true, guest: true, mail: false, passkey: false, totp: false });
  expect(await methods(api)).toMatchObject({ passkey: true });
});
