import { Writable } from "node:stream";
import type { Problem, SecondFactorStatus, Tokens } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { TOTP } from "otpauth";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ageSessions, NEWER_SECRET_KEYS, SECRET_KEYS } from "../../test/signin.ts";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

const PASSWORD = "correct horse";
const STEP_MS = 30_000;
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { SECRET_KEYS });
});
afterAll(() => world[Symbol.asyncDispose]());
// The clock of the codes stands in the middle of a step: no code ends while a test runs. One api names all people, by the
// time.
beforeEach(() => {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: now - (now % STEP_MS) + STEP_MS / 2 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The code that an app shows some steps from now. The server takes one step before and one behind. */
const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + steps * STEP_MS });

const begin = (person: Person, body: object = {}) =>
  api.call<{ secret: string; uri: string }>("POST", "/me/totp", { token: person.token, body });
const confirm = (person: Person, code: string) =>
  api.call<{ codes?: string[] }>("POST", "/me/totp/confirm", { token: person.token, body: { code } });

/** A person with an app, whose next code is the one of the next step. */
async function protectedPerson(): Promise<{ person: Person; secret: string; recovery: readonly string[] }> {
  const person = await api.signup(PASSWORD);
  const { secret } = (await begin(person)).body;
  const confirmed = await confirm(person, codeOf(secret, -1));
  return { person, secret, recovery: confirmed.body.codes ?? [] };
}

const login = (person: Person, at = api, address?: string) => {
  const call = { body: { username: person.user.username, password: PASSWORD } };
  return at.call<Problem>("POST", "/auth/login", address === undefined ? call : { ...call, address });
};
const finish = (ticket: string | undefined, code: string, at = api) =>
  at.call<Tokens>("POST", "/auth/second-factor", { body: { ticket, code } });

test("an app is on after its first code, and then a login asks for a code too", async () => {
  const person = await api.signup(PASSWORD);
  const begun = await begin(person);
  expect(begun.body.uri).toContain(`secret=${begun.body.secret}`);
  expect((await login(person)).status).toBe(200);
  expect(await confirm(person, "000000")).toMatchObject({ status: 401, body: { code: "bad_code" } });
  const confirmed = await confirm(person, codeOf(begun.body.secret, -1));
  expect(confirmed.body.codes).toHaveLength(10);
  expect(await confirm(person, codeOf(begun.body.secret))).toMatchObject({ body: { code: "already_enabled" } });
  expect(await begin(person)).toMatchObject({ status: 409, body: { code: "already_enabled" } });
  const first = await login(person);
  expect(first).toMatchObject({
    status: 401,
    body: { code: "second_factor_required", secondFactor: { methods: ["totp", "recovery"], expiresInMs: 300_000 } },
  });
  const done = await finish(first.body.secondFactor?.ticket, codeOf(begun.body.secret));
  expect(done).toMatchObject({ status: 200, body: { user: person.user, accessToken: expect.any(String) } });
});

test("a code is used once, also by two logins at the same moment, and so is a ticket", async () => {
  const { person, secret } = await protectedPerson();
  const tickets = await Promise.all([login(person), login(person)]);
  const [one, two] = tickets.map(({ body }) => body.secondFactor?.ticket);
  const code = codeOf(secret);
  const statuses = (await Promise.all([finish(one, code), finish(two, code)])).map((done) => done.status);
  expect(statuses.sort()).toEqual([200, 401]);
  const left = statuses[0] === 200 ? [one, two] : [two, one];
  for (const ticket of left) expect((await finish(ticket, codeOf(secret, -1))).status).toBe(401);
  const third = (await login(person)).body.secondFactor?.ticket;
  expect((await finish(third, codeOf(secret, 1))).status).toBe(200);
  expect(await finish(third, "abcd")).toMatchObject({ status: 401, body: { code: "bad_ticket" } });
});

test("G8 a ticket takes five answers, and wrong codes delay the next ones from every address", async () => {
  const strict = new TestApi(world, { SECRET_KEYS, LOGIN_FAILURES_FREE_PER_ACCOUNT: "6" });
  const { person, secret } = await protectedPerson();
  const { ticket } = (await login(person, strict)).body.secondFactor ?? {};
  for (let times = 0; times < 5; times += 1) expect((await finish(ticket, "000000", strict)).status).toBe(401);
  expect(await finish(ticket, codeOf(secret), strict)).toMatchObject({ body: { code: "bad_ticket" } });
  const next = (await login(person, strict)).body.secondFactor?.ticket;
  expect((await finish(next, "000000", strict)).status).toBe(401);
  expect(await finish(next, codeOf(secret), strict)).toMatchObject({ status: 429, body: { code: "rate_limited" } });
});

test("a ticket ends with the password that it stands for", async () => {
  const { person, secret } = await protectedPerson();
  const { ticket } = (await login(person)).body.secondFactor ?? {};
  const body = { currentPassword: PASSWORD, newPassword: "another horse" };
  expect((await api.call("PUT", "/me/password", { token: person.token, body })).status).toBe(204);
  expect(await finish(ticket, codeOf(secret))).toMatchObject({ status: 401, body: { code: "bad_ticket" } });
});

test("a recovery code works once, in any spelling, and new ones replace the old", async () => {
  const { person, recovery } = await protectedPerson();
  const [first = "", second = ""] = recovery;
  const ticket = async () => (await login(person)).body.secondFactor?.ticket;
  expect((await finish(await ticket(), first.toUpperCase().replaceAll("-", " "))).status).toBe(200);
  expect(await finish(await ticket(), first)).toMatchObject({ status: 401, body: { code: "bad_code" } });
  const left = await api.call<SecondFactorStatus>("GET", "/me/second-factor", { token: person.token });
  expect(left.body).toEqual({ totp: true, passkey: false, recoveryCodes: 9 });
  const renewed = await api.call<{ codes: string[] }>("POST", "/me/recovery-codes", { token: person.token, body: {} });
  expect(renewed.body.codes).toHaveLength(10);
  expect((await finish(await ticket(), second)).status).toBe(401);
  expect((await finish(await ticket(), renewed.body.codes[0] ?? "")).status).toBe(200);
});

test("turning the app off asks for the password or a code, however fresh the login is", async () => {
  const { person, secret } = await protectedPerson();
  const remove = (body: object) => api.call("POST", "/me/totp/remove", { token: person.token, body });
  expect(await remove({})).toMatchObject({ status: 403, body: { code: "proof_required" } });
  expect(await remove({ password: "wrong horse" })).toMatchObject({ body: { code: "bad_credentials" } });
  expect(await remove({ code: "000000" })).toMatchObject({ body: { code: "bad_code" } });
  expect((await remove({ code: codeOf(secret) })).status).toBe(204);
  expect(await remove({ password: PASSWORD })).toMatchObject({ status: 404, body: { code: "unknown_credential" } });
  expect((await login(person)).status).toBe(200);
});

test("a stolen token alone turns no app on", async () => {
  const person = await api.signup(PASSWORD);
  const aged = ageSessions(world);
  expect(await begin(person)).toMatchObject({ status: 403, body: { code: "proof_required" } });
  expect((await begin(person, { password: PASSWORD })).status).toBe(201);
  aged.mockRestore();
});

test("secrets are encrypted in the store, and a new key takes over at the next code", async () => {
  const { person, secret, recovery } = await protectedPerson();
  const stored = async () => (await world.store.signin.factors.find(person.user.id))?.secret ?? "";
  expect(await stored()).toMatch(/^one\./);
  expect(await stored()).not.toContain(secret);
  const rotated = new TestApi(world, { SECRET_KEYS: NEWER_SECRET_KEYS });
  const { ticket } = (await login(person, rotated)).body.secondFactor ?? {};
  expect((await finish(ticket, codeOf(secret), rotated)).status).toBe(200);
  expect(await stored()).toMatch(/^two\./);
  // This api does not know the second key.
  const missing = (await login(person)).body.secondFactor?.ticket;
  expect(await finish(missing, codeOf(secret, 1))).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect((await finish(missing, recovery[0] ?? "")).status).toBe(200);
});

test("without SECRET_KEYS there are no apps, and a bad key is refused at the start", async () => {
  const bare = new TestApi(world);
  const person = await api.signup();
  const answer = await bare.call("POST", "/me/totp", { token: person.token, body: {} });
  expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  for (const keys of ["one", "one:short", `${SECRET_KEYS},${SECRET_KEYS}`])
    expect(() => new TestApi(world, { SECRET_KEYS: keys })).toThrow(/SECRET_KEYS=…/);
});

test("G8 tickets of a user are bounded: the oldest goes", async () => {
  const { person, secret } = await protectedPerson();
  const tickets: (string | undefined)[] = [];
  for (let times = 0; times < 11; times += 1) {
    tickets.push((await login(person)).body.secondFactor?.ticket);
    vi.advanceTimersByTime(1);
  }
  expect(await finish(tickets[0], codeOf(secret))).toMatchObject({ body: { code: "bad_ticket" } });
  expect((await finish(tickets[1], codeOf(secret))).status).toBe(200);
});

test("an expired ticket is refused", async () => {
  const { person, secret } = await protectedPerson();
  const now = Date.now();
  vi.setSystemTime(now - 330_000);
  const { ticket } = (await login(person)).body.secondFactor ?? {};
  vi.setSystemTime(now);
  expect(await finish(ticket, codeOf(secret))).toMatchObject({ body: { code: "bad_ticket" } });
});

test("the log names each act, and holds no secret, code, ticket or token", async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ level: "trace", node: "test" }, sink);
  const logged = new TestApi(world, { SECRET_KEYS }, undefined, log);
  const person = await api.signup(PASSWORD);
  const { token } = person;
  const post = async (path: string, body: object) => (await logged.call<Logged>("POST", path, { token, body })).body;
  const { secret = "" } = await post("/me/totp", {});
  const codes = [codeOf(secret, -1), codeOf(secret), "987654"];
  const { codes: recovery = [] } = await post("/me/totp/confirm", { code: codes[0] });
  const ticket = (await login(person, logged)).body.secondFactor?.ticket ?? "";
  await finish(ticket, "987654", logged);
  await finish(ticket, codes[1] ?? "", logged);
  const made = await post("/me/tokens", { name: "the name of a bot", scopes: ["read"] });
  const access = (await logged.call<Logged>("POST", "/auth/token", { token: made.token })).body.accessToken;
  await logged.call("DELETE", "/me/sessions", { token: made.token });
  await logged.call("DELETE", `/me/tokens/${made.id}`, { token });
  const renewed = (await post("/me/recovery-codes", {})).codes ?? [];
  await post("/me/totp/remove", { password: PASSWORD });
  const events = lines.map((line) => (JSON.parse(line) as { event?: string }).event);
  expect(events).toEqual(
    expect.arrayContaining(["totp_on", "second_factor", "bad_code", "token_create", "token_use", "token_revoke"]),
  );
  expect(events).toEqual(expect.arrayContaining(["insufficient_scope", "recovery_codes", "totp_off"]));
  const text = lines.join("");
  const secrets = [secret, ticket, made.token, access, PASSWORD, ...codes, ...recovery, ...renewed];
  for (const hidden of secrets) {
    expect(hidden?.length ?? 0).toBeGreaterThan(5);
    expect(text).not.toContain(hidden);
  }
});

interface Logged {
  readonly secret?: string;
  readonly codes?: string[];
  readonly id?: string;
  readonly token?: string;
  readonly accessToken?: string;
}
