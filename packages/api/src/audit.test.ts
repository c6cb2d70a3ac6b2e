import { randomUUID } from "node:crypto";
import type { AuditEntry } from "@hubbub/protocol/http-moderation";
import { createLogger } from "@hubbub/runtime";
import type { AuditAct } from "@hubbub/store";
import { TOTP } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECRET_KEYS } from "../test/signin.ts";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";
import { FailedLogins } from "./auth/failed-logins.ts";

const PASSWORD = "correct horse";
const ADDRESS = "192.0.2.77";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { SECRET_KEYS });
});
afterAll(() => world[Symbol.asyncDispose]());

const call = <Body = { id: string }>(who: Person, method: string, path: string, body?: object) =>
  api.call<Body>(method, path, { token: who.token, address: ADDRESS, ...(body === undefined ? {} : { body }) });

async function room() {
  const [owner, member] = [await api.signup(), await api.signup()];
  const { id } = await api.room(owner);
  await call(member, "POST", `/rooms/${id}/join`);
  return { owner, member, id };
}

interface Page {
  readonly entries: readonly AuditEntry[];
  readonly cursor?: string;
}

test("moderators read who did what in their room, without addresses; members do not", async () => {
  const { owner, member, id } = await room();
  await call(owner, "PUT", `/rooms/${id}/members/${member.user.id}`, { role: "moderator" });
  await call(owner, "PATCH", `/rooms/${id}`, { settings: { slowModeSeconds: 30 } });
  await call(owner, "PUT", `/rooms/${id}/bans/${member.user.id}`, { reason: "spam" });
  const read = async (query = "") => (await call<Page>(owner, "GET", `/rooms/${id}/audit${query}`)).body.entries;
  const entries = await read();
  expect(entries).toMatchObject([
    { act: "member_ban", actor: owner.user.id, actorName: owner.user.username, note: "spam" },
    { act: "room_change", details: { settings: { slowModeSeconds: 30 } } },
    { act: "role_set", subject: member.user.id, subjectName: member.user.username, details: { role: "moderator" } },
  ]);
  expect(JSON.stringify(entries)).not.toContain(ADDRESS);
  const { entries: stored } = await world.store.audit.list({ room: id }, { limit: 10 });
  expect(stored.map(({ address }) => address)).toEqual([ADDRESS, ADDRESS, ADDRESS]);
  expect(await read("?act=role_set")).toHaveLength(1);
  expect(await read(`?actor=${member.user.id}`)).toEqual([]);
  expect(await read(`?since=${entries[0]?.at}`)).toHaveLength(1);
  expect(await read("?until=253402300799999")).toHaveLength(3);
  expect((await call(owner, "GET", `/rooms/${id}/audit?until=253402300800000`)).status).toBe(400);
  const second = await room();
  expect(await call(second.member, "GET", `/rooms/${second.id}/audit`)).toMatchObject({
    status: 403,
    body: { code: "forbidden" },
  });
});

test("an event tells the room what was done, and nothing of the address it was done from", async () => {
  const { owner, member, id } = await room();
  await call(owner, "PUT", `/rooms/${id}/members/${member.user.id}`, { role: "moderator" });
  await call(owner, "PUT", `/rooms/${id}/mutes/${member.user.id}`, { seconds: 60 });
  await call(owner, "DELETE", `/rooms/${id}/members/${member.user.id}`);
  await world.commit();
  const events = JSON.stringify(await world.store.events.page(id, { after: 0, limit: 100 }));
  expect(events).toContain('"kind":"member"');
  expect(events).not.toContain(ADDRESS);
});

test("a moderator who deletes a message leaves an entry; its author leaves none", async () => {
  const { owner, member, id } = await room();
  const post = async () => {
    const { body } = await call<{ seq: number }>(member, "POST", `/rooms/${id}/messages`, {
      id: randomUUID(),
      text: "x",
    });
    await world.commit();
    return body.seq;
  };
  const [first, second] = [await post(), await post()];
  await call(member, "DELETE", `/rooms/${id}/messages/${first}?id=${randomUUID()}`);
  await call(owner, "DELETE", `/rooms/${id}/messages/${second}?id=${randomUUID()}`);
  await world.commit();
  const { entries } = await world.store.audit.list({ room: id }, { limit: 10 });
  expect(entries).toMatchObject([
    { act: "message_delete", actor: owner.user.id, subject: member.user.id, seq: second },
  ]);
});

test("every change of what an account signs in with leaves an entry, and no secret is in them", async () => {
  const person = await api.signup(PASSWORD);
  const { secret } = (await call<{ secret: string }>(person, "POST", "/me/totp", {})).body;
  await call(person, "POST", "/me/totp/confirm", { code: new TOTP({ secret }).generate() });
  await call(person, "POST", "/me/recovery-codes", {});
  await call(person, "POST", "/me/totp/remove", { password: PASSWORD });
  const { id, token } = (
    await call<{ id: string; token: string }>(person, "POST", "/me/tokens", { name: "a bot", scopes: ["read"] })
  ).body;
  await call(person, "DELETE", `/me/tokens/${id}`);
  const newPassword = "battery staple";
  await call(person, "PUT", "/me/password", { currentPassword: PASSWORD, newPassword });
  const body = { username: person.user.username, password: newPassword };
  const again = (await api.call<{ accessToken: string }>("POST", "/auth/login", { body, address: ADDRESS })).body;
  const other = { ...person, token: again.accessToken };
  await call(other, "DELETE", "/me/sessions?others=true");
  await call(other, "POST", "/auth/logout");
  const { entries } = await world.store.audit.list({ subject: person.user.id }, { limit: 100 });
  expect(entries.toReversed().map(({ act }) => act)).toEqual([
    ...["login", "totp_on", "recovery_codes", "recovery_codes", "totp_off", "token_create", "token_revoke"],
    ...["password_change", "login", "session_end", "session_end"],
  ]);
  expect(new Set(entries.slice(0, -1).map(({ actor, address }) => `${actor} ${address}`))).toEqual(
    new Set([`${person.user.id} ${ADDRESS}`]),
  );
  const text = JSON.stringify(entries);
  for (const hidden of [secret, token, PASSWORD, newPassword, "a bot"]) expect(text).not.toContain(hidden);
});

test("an erasure leaves an entry; guests come and go without one", async () => {
  const person = await api.signup(PASSWORD);
  await call(person, "DELETE", "/me", { password: PASSWORD });
  const acts = async (who: Person) =>
    (await world.store.audit.list({ subject: who.user.id }, { limit: 9 })).entries.map(({ act }) => act);
  expect(await acts(person)).toEqual(["account_erase", "login"]);
  expect(await acts(await api.guest())).toEqual([]);
});

test("failed logins of one account from one address become one entry soon, and one more with the number of the others", async () => {
  const failing = new TestApi(world, { SECRET_KEYS });
  const person = await api.signup(PASSWORD);
  const login = () =>
    failing.call("POST", "/auth/login", {
      body: { username: person.user.username, password: "wrong password" },
      address: ADDRESS,
    });
  const entries = async () =>
    (await world.store.audit.list({ subject: person.user.id, act: "login_failed" }, { limit: 9 })).entries;
  await login();
  await expect.poll(entries, { timeout: 5_000 }).toHaveLength(1);
  for (let time = 0; time < 5; time += 1) await login();
  await failing.close();
  expect(await entries()).toMatchObject([
    { details: { failures: 5 }, address: ADDRESS, actor: "unknown", outcome: "refused" },
    { details: { failures: 1 } },
  ]);
});

test("a flood of failed logins costs a bounded number of entries, and failures that cannot be written are kept", async () => {
  const written: AuditAct[] = [];
  let isAway = true;
  const audit = {
    async write(act: AuditAct) {
      if (isAway) throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
      written.push(act);
    },
  };
  const failed = new FailedLogins(audit, createLogger({ level: "silent", node: "test" }));
  for (let at = 0; at < 5_000; at += 1) failed.note(person(at % 2_500), ADDRESS);
  isAway = false;
  await failed.close();
  expect(written).toHaveLength(1_001);
  const failures = written.map(({ details }) => Number(details?.["failures"]));
  expect(failures.reduce((sum, one) => sum + one, 0)).toBe(5_000);
  expect(written.at(-1)).toMatchObject({ subject: undefined, address: undefined, details: { failures: 3_000 } });
});

const person = (number: number) => `user ${number}` as Person["user"]["id"];
