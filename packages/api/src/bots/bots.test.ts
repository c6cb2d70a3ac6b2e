import type { BotInfo, HistoryPage, HookInfo, NewAccessToken, NewHook } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "100000", ACCOUNT_CHANGES_PER_MINUTE_PER_USER: "10000" });
  owner = await api.signup();
});
afterAll(() => world[Symbol.asyncDispose]());

type Refusal = { code?: string; retryAfterMs?: number };
let serial = 0;
const name = () => `bot-${++serial}-${Date.now().toString(36)}`;
const call = <Body = Refusal>(method: string, path: string, body?: object, who: Pick<Person, "token"> = owner) =>
  api.call<Body & Refusal>(method, path, { token: who.token, ...(body === undefined ? {} : { body }) });
const createBot = async (username = name()) => (await call<BotInfo>("POST", "/bots", { username })).body;

async function openHook() {
  const bot = await createBot();
  const { id: room } = await api.room(owner);
  const hook = (await call<NewHook>("POST", `/rooms/${room}/hooks`, { bot: bot.user.id })).body;
  const path = hook.path.replace("/api/v1", "");
  const post = (body: unknown, headers: Record<string, string> = {}, to = path) =>
    api.call<{ seq: number; duplicate?: true } & Refusal>("POST", to, { body, headers });
  const newest = async () => (await call<HistoryPage>("GET", `/rooms/${room}/messages?limit=1`)).body.messages.at(-1);
  return { bot, room, hook, path, post, newest };
}

test("a user makes a bot once, lists it and deletes it; guests and others have none of it", async () => {
  const username = name();
  const first = await call<BotInfo>("POST", "/bots", { username });
  expect(first).toMatchObject({ status: 201, body: { user: { username, bot: true } } });
  expect(await call("POST", "/bots", { username })).toMatchObject({ status: 200, body: { user: first.body.user } });
  expect((await call("POST", "/bots", { username: owner.user.username })).body.code).toBe("username_taken");
  expect((await call("POST", "/bots", { username: "admin" })).body.code).toBe("username_reserved");
  expect((await call("POST", "/bots", { username: name() }, await api.guest())).body.code).toBe("forbidden");
  const { id } = first.body.user;
  expect((await call("DELETE", `/bots/${id}`, undefined, await api.signup())).body.code).toBe("unknown_bot");
  expect((await call<{ bots: BotInfo[] }>("GET", "/bots")).body.bots.map(({ user }) => user.id)).toContain(id);
  expect((await call("DELETE", `/bots/${id}`)).status).toBe(204);
  expect((await call("DELETE", `/bots/${id}`)).body.code).toBe("unknown_bot");
});

test("a bot with a token writes with its badge, now and from the rows, and makes no bots", async () => {
  const bot = await createBot();
  const { id: room } = await api.room(owner);
  await call("POST", `/rooms/${room}/members`, { username: bot.user.username });
  const asked = { name: "program", scopes: ["read", "write"] };
  const path = `/bots/${bot.user.id}/tokens`;
  const made = (await call<NewAccessToken>("POST", path, asked)).body;
  const as = { token: made.token };
  expect((await call("POST", `/rooms/${room}/messages`, { id: "one", text: "beep" }, as)).status).toBe(201);
  const read = async () => (await call<HistoryPage>("GET", `/rooms/${room}/messages`)).body.messages.at(-1);
  const before = await read();
  expect(before).toMatchObject({ text: "beep", by: bot.user });
  await world.commit();
  expect(await read()).toEqual(before);
  expect((await call("POST", "/bots", { username: name() }, as)).body.code).toBe("insufficient_scope");
  expect((await call<{ tokens: object[] }>("GET", path)).body.tokens).toMatchObject([{ id: made.id, name: "program" }]);
  expect((await call("DELETE", `${path}/${made.id}`)).status).toBe(204);
  expect((await call("GET", "/me", undefined, as)).body.code).toBe("bad_token");
});

test("a deleted bot has no tokens and no hooks, and stays the author of what it wrote", async () => {
  const { bot, post, newest } = await openHook();
  const asked = { name: "program", scopes: ["read"] };
  const { token } = (await call<NewAccessToken>("POST", `/bots/${bot.user.id}/tokens`, asked)).body;
  await post({ text: "last words" });
  await call("DELETE", `/bots/${bot.user.id}`);
  expect((await call("GET", "/me", undefined, { token })).body.code).toBe("bad_token");
  expect((await post({ text: "more" })).body.code).toBe("unknown_hook");
  expect(await newest()).toMatchObject({ text: "last words", by: bot.user });
});

test("the body of Slack's incoming hooks is a message of the bot; the same key is the same message", async () => {
  const { bot, hook, room, post, newest } = await openHook();
  expect(await post({ text: "Hello", username: "somebody else", blocks: [] })).toMatchObject({ status: 200 });
  expect(await newest()).toMatchObject({ kind: "message", text: "Hello", by: bot.user });
  const key = { "idempotency-key": "build 7" };
  const { seq } = (await post({ text: "built" }, key)).body;
  expect((await post({ text: "built" }, key)).body).toMatchObject({ seq, duplicate: true });
  expect((await post({ text: "built" }, { "webhook-id": "build 8" })).body.seq).toBe(seq + 1);
  const { hooks } = (await call<{ hooks: HookInfo[] }>("GET", `/rooms/${room}/hooks`)).body;
  expect(hooks).toMatchObject([{ id: hook.id, bot: bot.user, usedAt: expect.any(Number) as number }]);
  expect(JSON.stringify(hooks)).not.toContain("path");
});

test("a wrong secret, a revoked hook and a bad body are refused, and a flood is slowed down", async () => {
  const { hook, room, path, post } = await openHook();
  const wrong = `/hooks/in/${hook.id}/${"A".repeat(43)}`;
  expect(await post({ text: "x" }, {}, wrong)).toMatchObject({ status: 404, body: { code: "unknown_hook" } });
  expect((await post({ text: "" })).body.code).toBe("bad_request");
  expect((await post({ data: 1 })).body.code).toBe("bad_request");
  expect((await post({ text: "x".repeat(20_000) })).status).toBe(413);
  const answers = await Promise.all(Array.from({ length: 15 }, () => post({ text: "x" })));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(5);
  expect((await call("DELETE", `/rooms/${room}/hooks/${hook.id}`)).status).toBe(204);
  expect((await call("DELETE", `/rooms/${room}/hooks/${hook.id}`)).body.code).toBe("unknown_hook");
  const later = new TestApi(world);
  expect((await later.call<Refusal>("POST", path, { body: { text: "x" } })).body.code).toBe("unknown_hook");
});

test("the bots of a suspended owner are suspended: their sessions end, tokens and hooks are refused", async () => {
  const { bot, post } = await openHook();
  const asked = { name: "program", scopes: ["read"] };
  const token = await call<NewAccessToken>("POST", `/bots/${bot.user.id}/tokens`, asked);
  const asBot = () => call("GET", "/me", undefined, { token: token.body.token });
  expect((await asBot()).status).toBe(200);
  const acting = { by: "operator" } as const;
  const ended = await world.store.admin.suspend(owner.user.id, { reason: "sells kettles", until: null }, acting);
  expect(ended.length).toBeGreaterThanOrEqual(2);
  expect((await asBot()).body.code).toBe("account_suspended");
  expect((await post({ text: "x" })).body.code).toBe("account_suspended");
  await world.store.admin.unsuspend(owner.user.id, acting);
  expect((await asBot()).status).toBe(200);
  owner = await api.signup();
});

test("hooks are for admins of the room, with a bot of theirs; the bot's standing in the room holds", async () => {
  const { bot, room, post } = await openHook();
  const member = await api.signup();
  await call("POST", `/rooms/${room}/join`, undefined, member);
  expect((await call("POST", `/rooms/${room}/hooks`, { bot: bot.user.id }, member)).body.code).toBe("forbidden");
  expect((await call("GET", `/rooms/${room}/hooks`, undefined, member)).body.code).toBe("forbidden");
  expect((await call("POST", `/rooms/${room}/hooks`, { bot: member.user.id })).body.code).toBe("unknown_bot");
  await call("DELETE", `/rooms/${room}/members/${bot.user.id}`);
  expect((await post({ text: "x" })).body.code).toBe("not_member");
});
