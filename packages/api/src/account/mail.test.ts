import { Writable } from "node:stream";
import type { AccountInfo, Tokens } from "@hubbub/protocol";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { codeOf, type Received, TestSmtp } from "../../test/smtp.ts";
import { openWorld, type Person, TestApi, toPerson, type World } from "../../test/test-api.ts";

const PASSWORD = "correct horse";
const WAIT = { timeout: 30_000, interval: 20 };
let world: World;
let smtp: TestSmtp;
let api: TestApi;
let env: Record<string, string>;
const lines: string[] = [];
beforeAll(async () => {
  world = await openWorld();
  smtp = new TestSmtp();
  env = { SMTP_URL: await smtp.open(), MAIL_FROM: "Hubbub <chat@example.org>", PUBLIC_URL: "https://chat.example.org" };
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  api = new TestApi(world, env, undefined, createLogger({ level: "info", node: "test" }, sink));
});
afterAll(async () => {
  await api.close();
  await smtp[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  smtp.received.length = 0;
});

const post = (path: string, body: object, of = api) => of.call<{ code?: string }>("POST", path, { body });
const login = (username: string, password = PASSWORD) =>
  api.call<Tokens>("POST", "/auth/login", { body: { username, password } });
const setEmail = (person: Person, email: string | null, password = PASSWORD) =>
  api.call("PUT", "/me/email", { token: person.token, body: { email, password } });
const emailOf = async ({ token }: Person) => (await api.call<AccountInfo>("GET", "/me/account", { token })).body.email;

async function mails(count: number): Promise<readonly Received[]> {
  await vi.waitFor(() => expect(smtp.received).toHaveLength(count), WAIT);
  return smtp.received.splice(0);
}

/** The code of the only mail, which went to this address. */
async function codeFor(address: string): Promise<string> {
  const [mail] = await mails(1);
  expect(mail?.to).toEqual([address]);
  return mail === undefined ? "" : codeOf(mail);
}

async function verified(address: string): Promise<Person> {
  const person = await api.signup(PASSWORD);
  expect(await setEmail(person, address)).toMatchObject({ status: 202 });
  expect(await post("/auth/email/confirm", { code: await codeFor(address) })).toMatchObject({ status: 204 });
  return person;
}

test("the address of a sign-up is verified with the code of its mail", async () => {
  expect((await api.call("GET", "/auth/methods")).body).toMatchObject({ mail: true });
  const body = { username: "mary", password: PASSWORD, email: "Mary@example.org" };
  const mary = toPerson((await api.call<Tokens>("POST", "/auth/signup", { body })).body);
  const [mail] = await mails(1);
  expect(mail).toMatchObject({ to: ["Mary@example.org"], subject: "Confirm your address" });
  expect(await emailOf(mary)).toEqual({ address: "Mary@example.org", isVerified: false });
  const code = codeOf(mail as Received);
  expect(mail?.text).toContain(`https://chat.example.org/#confirm-email=${code}`);
  expect(await post("/auth/email/confirm", { code })).toMatchObject({ status: 204 });
  expect(await emailOf(mary)).toEqual({ address: "Mary@example.org", isVerified: true });
  // A client whose answer was lost.
  expect(await post("/auth/email/confirm", { code })).toMatchObject({ status: 204 });
});

test("a change of the address asks for the password, waits for the code, and tells the old address", async () => {
  const person = await verified("old@example.org");
  expect(await setEmail(person, "new@example.org", "wrong password")).toMatchObject({
    status: 401,
    body: { code: "bad_credentials" },
  });
  await setEmail(person, "new@example.org");
  const code = await codeFor("new@example.org");
  expect(await emailOf(person)).toEqual({ address: "old@example.org", isVerified: true });
  await post("/auth/email/confirm", { code });
  expect(await emailOf(person)).toEqual({ address: "new@example.org", isVerified: true });
  expect(await mails(1)).toMatchObject([{ to: ["old@example.org"], subject: "Your address was changed" }]);
  expect(await setEmail(person, null)).toMatchObject({ status: 204 });
  expect(await emailOf(person)).toBeUndefined();
  expect(await mails(1)).toMatchObject([{ to: ["new@example.org"] }]);
});

test("an address that another account verified is refused to who proves it later", async () => {
  await verified("shared@example.org");
  const second = await api.signup(PASSWORD);
  await setEmail(second, "SHARED@example.org");
  const code = await codeFor("SHARED@example.org");
  expect(await post("/auth/email/confirm", { code })).toMatchObject({ status: 409, body: { code: "email_taken" } });
  expect(await emailOf(second)).toBeUndefined();
});

test("a reset sets the password once, ends all sessions, and tells the owner", async () => {
  const person = await verified("forgetful@example.org");
  expect(await post("/auth/password/forgot", { email: "Forgetful@Example.org" })).toMatchObject({ status: 202 });
  const code = await codeFor("forgetful@example.org");
  const reset = (newPassword: string) => post("/auth/password/reset", { code, newPassword });
  expect(await reset("password")).toMatchObject({ status: 400, body: { code: "weak_password" } });
  const racing = await Promise.all([reset("another horse"), reset("third horse now")]);
  expect(racing.map(({ status }) => status).sort()).toEqual([204, 400]);
  expect(await mails(1)).toMatchObject([{ to: ["forgetful@example.org"], subject: "Your password was changed" }]);
  expect(await reset("fourth horse now")).toMatchObject({ status: 400, body: { code: "bad_link" } });
  expect((await api.call("GET", "/me", { token: person.token })).body).toMatchObject({ code: "session_revoked" });
  expect((await login(person.user.username)).status).toBe(401);
  const password = racing[0]?.status === 204 ? "another horse" : "third horse now";
  expect((await login(person.user.username, password)).status).toBe(200);
});

test("a change of the password makes void what was sent before, for a reset and for another address", async () => {
  const person = await verified("careful@example.org");
  await post("/auth/password/forgot", { email: "careful@example.org" });
  const reset = await codeFor("careful@example.org");
  await setEmail(person, "thief@example.org");
  const confirm = await codeFor("thief@example.org");
  const body = { currentPassword: PASSWORD, newPassword: "another horse" };
  expect(await api.call("PUT", "/me/password", { token: person.token, body })).toMatchObject({ status: 204 });
  await mails(1);
  for (const [path, sent] of [
    ["/auth/password/reset", { code: reset, newPassword: "third horse now" }],
    ["/auth/email/confirm", { code: confirm }],
  ] as const) {
    expect(await post(path, sent)).toMatchObject({ status: 400, body: { code: "bad_link" } });
  }
});

test("no answer says whether an address exists: the same answer, before anything is looked up", async () => {
  await verified("known@example.org");
  const unverified = { username: "unverified", password: PASSWORD, email: "unverified@example.org" };
  await post("/auth/signup", unverified);
  await mails(1);
  const { accounts } = world.store;
  const asked = vi.spyOn(accounts, "findByEmail");
  const answers: unknown[] = [];
  for (const email of ["known@example.org", "unverified@example.org", "nobody@example.org"]) {
    const before = asked.mock.calls.length;
    const pending = post("/auth/password/forgot", { email });
    const { status, body } = await pending;
    answers.push({ status, body });
    await vi.waitFor(() => expect(asked.mock.calls.length).toBe(before + 1), WAIT);
  }
  asked.mockRestore();
  expect(answers).toEqual(Array(3).fill({ status: 202, body: null }));
  expect(await mails(1)).toMatchObject([{ to: ["known@example.org"] }]);
});

test("an answer does not wait for the lookup", async () => {
  const { accounts } = world.store;
  let release = (): void => undefined;
  const held = new Promise<null>((resolve) => {
    release = () => resolve(null);
  });
  const asked = vi.spyOn(accounts, "findByEmail").mockReturnValueOnce(held);
  expect(await post("/auth/password/forgot", { email: "held@example.org" })).toMatchObject({ status: 202 });
  release();
  asked.mockRestore();
});

test("G8 mails are bounded by client address, by recipient and by user", async () => {
  const ask = (of: TestApi, email: string) => post("/auth/password/forgot", { email }, of);
  const byClient = new TestApi(world, { ...env, MAILS_PER_HOUR_PER_ADDRESS: "1" });
  expect((await ask(byClient, "one@example.org")).status).toBe(202);
  expect(await ask(byClient, "two@example.org")).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  const byRecipient = new TestApi(world, { ...env, MAILS_PER_HOUR_PER_RECIPIENT: "1" });
  expect((await ask(byRecipient, "one@example.org")).status).toBe(202);
  expect((await ask(byRecipient, "ONE@example.org")).status).toBe(429);
  expect((await ask(byRecipient, "two@example.org")).status).toBe(202);
  await verified("bounded@example.org");
  const byUser = new TestApi(world, { ...env, MAILS_PER_HOUR_PER_USER: "2" });
  const issue = vi.spyOn(world.store.mailCodes, "issue");
  for (let times = 0; times < 3; times += 1) expect((await ask(byUser, "bounded@example.org")).status).toBe(202);
  await vi.waitFor(() => expect(issue.mock.results).toHaveLength(3), WAIT);
  const issued = await Promise.all(issue.mock.results.map(({ value }) => value as Promise<boolean>));
  issue.mockRestore();
  expect(issued.filter(Boolean)).toHaveLength(1);
  await mails(1);
  for (const of of [byClient, byRecipient, byUser]) await of.close();
});

test("a guest has no address, and without SMTP_URL the routes say so", async () => {
  const guest = await api.guest();
  expect(await setEmail(guest, "guest@example.org")).toMatchObject({ status: 403, body: { code: "forbidden" } });
  const silent = new TestApi(world);
  const disabled = { status: 501, body: { code: "mail_disabled" } };
  expect(await post("/auth/password/forgot", { email: "a@example.org" }, silent)).toMatchObject(disabled);
  const { token } = await silent.signup();
  const body = { email: "a@example.org", password: PASSWORD };
  expect(await silent.call("PUT", "/me/email", { token, body })).toMatchObject(disabled);
});

test("acts are security events, and no log line holds an address or a code", async () => {
  const person = await verified("logged@example.org");
  await post("/auth/password/forgot", { email: "logged@example.org" });
  const code = await codeFor("logged@example.org");
  smtp.answers = [550];
  await post("/auth/password/reset", { code, newPassword: "another horse" });
  await vi.waitFor(() => expect(lines.join("")).toContain("mail not sent: given up"), WAIT);
  const events = lines.map((line) => JSON.parse(line) as { event?: string; reason?: string; user?: string });
  const seen = events.filter(({ user }) => user === person.user.id).map(({ event, reason }) => `${event} ${reason}`);
  expect(seen).toEqual(expect.arrayContaining(["email_change asked", "email_change confirmed", "password_reset set"]));
  expect(lines.join("")).not.toMatch(/@example\.org/i);
  expect(lines.join("")).not.toContain(code);
});
