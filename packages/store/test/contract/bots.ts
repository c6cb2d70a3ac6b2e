import { isBot, newBotId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, createUser, fresh, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const BY = { by: "operator" } as const;

export function botsContract(getStore: GetStore): void {
  const bot = (username = fresh("bot")) => ({ username, passwordHash: "none" });
  const create = async () => {
    const { id: owner } = await createUser(getStore());
    const made = await getStore().bots.create(owner, bot(), 9, BY);
    if (made === null) throw new Error("no bot");
    return { owner, ...made };
  };

  test("a bot is made once for its owner, has a name of its own, and its id says what it is", async () => {
    const { bots } = getStore();
    const { id: owner, username: taken } = await createUser(getStore());
    const wanted = bot();
    const first = await bots.create(owner, wanted, 2, BY);
    expect(first).toMatchObject({ user: { username: wanted.username, bot: true }, isNew: true });
    expect(isBot(first?.user.id ?? owner)).toBe(true);
    expect(isBot(owner)).toBe(false);
    expect(await bots.create(owner, wanted, 2, BY)).toMatchObject({ user: first?.user, isNew: false });
    await expect(bots.create(owner, bot(taken), 2, BY)).rejects.toMatchObject({ code: "username_taken" });
    await bots.create(owner, bot(), 2, BY);
    expect(await bots.create(owner, bot(), 2, BY)).toBeNull();
    expect((await bots.list(owner)).map(({ user }) => user.id)).toContain(first?.user.id);
  });

  test("only its owner finds and deletes a bot; the account stays", async () => {
    const { bots, users } = getStore();
    const { owner, user } = await create();
    const { id: stranger } = await createUser(getStore());
    expect(await bots.find(stranger, user.id)).toBeNull();
    expect(await bots.delete(stranger, user.id, BY)).toBe(false);
    expect(await bots.find(owner, user.id)).toMatchObject({ user });
    expect(await bots.delete(owner, user.id, BY)).toBe(true);
    expect(await bots.find(owner, user.id)).toBeNull();
    expect(await users.find(user.id)).toMatchObject({ username: user.username });
  });

  test("a hook is found by its id with its secret, until it is removed from its room or the bot is deleted", async () => {
    const { bots } = getStore();
    const { owner, user } = await create();
    const { room } = await createRoom(getStore());
    const { room: other } = await createRoom(getStore());
    const add = () => bots.addHook({ room, bot: user.id, secretHash: "hash" }, 2, BY);
    const [first, second] = [await add(), await add()];
    expect(await add()).toBeNull();
    const [one = "", two = ""] = [first?.id, second?.id];
    expect(await bots.useHook(one, "hash")).toMatchObject({ room, bot: user, usedAt: null });
    expect((await bots.hooks(room)).find(({ id }) => id === one)?.usedAt).toBeInstanceOf(Date);
    expect(await bots.useHook(one, "other")).toBeNull();
    expect(await bots.removeHook(other, one, BY)).toBe(false);
    expect(await bots.removeHook(room, one, BY)).toBe(true);
    expect(await bots.useHook(one, "hash")).toBeNull();
    await bots.delete(owner, user.id, BY);
    expect(await bots.useHook(two, "hash")).toBeNull();
    expect(await bots.useHook(newBotId(), "hash")).toBeNull();
  });

  test("the erasure of an owner deletes the bots, their hooks and tokens, and ends their sessions", async () => {
    const store = getStore();
    const { owner, user } = await create();
    const { room } = await createRoom(store);
    const hook = await store.bots.addHook({ room, bot: user.id, secretHash: "hash" }, 2, BY);
    const token = { hash: fresh("hash"), name: "bot", scopes: ["read"], expiresAt: inMs(HOUR_MS) };
    await store.signin.tokens.create(user.id, token, 9);
    const session = (await store.signin.tokens.use(token.hash))?.session;
    const ended = await store.erasures.request(owner, new Date());
    expect(ended).toContain(session);
    expect(await store.signin.tokens.use(token.hash)).toBeNull();
    expect(await store.bots.useHook(hook?.id ?? "", "hash")).toBeNull();
    expect(await store.bots.list(owner)).toEqual([]);
  });

  test("a hook posts nothing while the owner of its bot is suspended", async () => {
    const store = getStore();
    const { owner, user } = await create();
    const { room } = await createRoom(store);
    const hook = await store.bots.addHook({ room, bot: user.id, secretHash: "hash" }, 2, BY);
    await store.admin.suspend(owner, { reason: "", until: null }, BY);
    await expect(store.bots.useHook(hook?.id ?? "", "hash")).rejects.toMatchObject({ code: "account_suspended" });
  });
}
