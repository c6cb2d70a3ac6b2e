import { type EventId, type FileId, newId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, createUser, event, type GetStore, HOUR_MS, inMs, message, storeEvents } from "./fixtures.ts";

const BY = { by: "operator" } as const;
const AMPLE = { user: 1_000_000, room: 1_000_000 };

export function moderationContract(getStore: GetStore): void {
  test("a ban takes the member out, holds against every way in, and ends with its time", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const user = await createUser(store);
    await store.members.add(room, user.id, "member");
    const ban = { by: owner.id, reason: "spam", until: null };
    expect(await store.bans.add(room, user.id, ban)).toEqual({ wasMember: true });
    expect(await store.bans.add(room, user.id, ban)).toEqual({ wasMember: false });
    for (const way of ["brought", "asked", "invited"] as const) {
      await expect(store.members.add(room, user.id, "member", way)).rejects.toMatchObject({ code: "banned" });
    }
    await expect(store.invites.inviteUser(room, user.id, owner.id)).rejects.toMatchObject({ code: "banned" });
    const listed = async () => (await store.bans.list(room, { limit: 9 })).bans.length;
    expect(await listed()).toBe(1);
    await store.bans.add(room, user.id, { ...ban, until: inMs(-1) });
    expect(await listed()).toBe(0);
    expect(await store.members.add(room, user.id, "member", "invited")).toBe(true);
    await expect(store.bans.add(room, owner.id, ban)).rejects.toMatchObject({ code: "last_owner" });
  });

  test("leaving and coming back ends no mute, and makes no guest a member", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const user = await createUser(store);
    await store.members.add(room, user.id, "guest");
    await store.members.mute(room, user.id, inMs(HOUR_MS), BY);
    for (const [way, role] of [
      ["asked", "guest"],
      ["invited", "member"],
    ] as const) {
      await store.members.leave(room, user.id);
      await store.members.add(room, user.id, "member", way);
      const [standing] = await store.members.standings([{ room, user: user.id }]);
      expect(standing).toMatchObject({ role, mutedUntil: expect.any(Number) });
    }
    await store.members.remove(room, user.id, BY);
    const link = { room, by: owner.id, codeHash: newId(), role: "member" as const, expiresAt: inMs(HOUR_MS), uses: 1 };
    await store.invites.create(link);
    await expect(store.invites.use(link.codeHash, user.id)).rejects.toMatchObject({ code: "forbidden" });
    expect(await store.invites.list(room)).toMatchObject([{ usesLeft: 1 }]);
  });

  test("an invitation counts however many newer ones the user has", async () => {
    const store = getStore();
    const user = await createUser(store);
    const [first, ...others] = await Promise.all(Array.from({ length: 102 }, () => createRoom(store)));
    if (first === undefined) throw new Error("no room");
    for (const { room, owner } of [first, ...others]) await store.invites.inviteUser(room, user.id, owner.id);
    const shown = await store.invites.invitations(user.id);
    expect(shown).toHaveLength(100);
    expect(shown.some(({ room }) => room === first.room)).toBe(false);
    expect(await store.invites.isInvited(first.room, user.id)).toBe(true);
    expect(await store.invites.isInvited((await createRoom(store)).room, user.id)).toBe(false);
  });

  test("a mention in a thread makes its user follow the thread, unless the user has blocked the author", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [friend, blocker] = [await createUser(store), await createUser(store)];
    for (const { id } of [friend, blocker]) await store.members.add(room, id, "member");
    await store.blocks.add(blocker.id, owner.id);
    const mentions = { names: [friend.username, blocker.username] };
    await storeEvents(store, [
      message(room, owner, 1),
      event(room, 2, { by: owner, kind: "message", id: newId<EventId>(), text: "x", thread: 1, mentions }),
    ]);
    const before = { at: Number.MAX_SAFE_INTEGER, room, seq: 9 };
    const followed = async ({ id }: typeof friend) => (await store.threads.followed(id, { before, limit: 9 })).length;
    expect([await followed(friend), await followed(blocker)]).toEqual([1, 0]);
  });

  test("a ban ends the links and invitations of the banned user", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [user, other] = [await createUser(store), await createUser(store)];
    await store.members.add(room, user.id, "member");
    const link = { room, by: user.id, codeHash: newId(), role: "member" as const, expiresAt: inMs(HOUR_MS), uses: 9 };
    await store.invites.create(link);
    await store.invites.inviteUser(room, other.id, user.id);
    await store.bans.add(room, user.id, { by: owner.id, reason: "", until: null });
    expect(await store.invites.find(link.codeHash)).toBeNull();
    expect(await store.invites.invitations(other.id)).toEqual([]);
  });

  test("a member who is added while a ban is made is not in the room afterwards", async () => {
    const store = getStore();
    for (let time = 0; time < 5; time += 1) {
      const { room, owner } = await createRoom(store);
      const user = await createUser(store);
      await Promise.allSettled([
        store.members.add(room, user.id, "member"),
        store.bans.add(room, user.id, { by: owner.id, reason: "", until: null }),
      ]);
      expect(await store.members.roles([{ room, user: user.id }])).toEqual([null]);
    }
  });

  test("a link of one use lets one user in, also when two come at once", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const link = { room, by: owner.id, codeHash: newId(), role: "member" as const, expiresAt: inMs(HOUR_MS), uses: 1 };
    await store.invites.create(link);
    const users = [await createUser(store), await createUser(store)];
    const used = await Promise.all(users.map(({ id }) => store.invites.use(link.codeHash, id)));
    expect(used.toSorted()).toEqual([false, true]);
    expect(await store.invites.find(link.codeHash)).toBeNull();
  });

  test("an expired link opens nothing, and is deleted", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const link = { room, by: owner.id, codeHash: newId(), role: "guest" as const, expiresAt: inMs(-1), uses: 9 };
    const { id } = await store.invites.create(link);
    expect(await store.invites.use(link.codeHash, owner.id)).toBe(false);
    expect(await store.invites.list(room)).toEqual([]);
    expect(await store.invites.deleteExpired(100)).toBeGreaterThan(0);
    expect(await store.invites.revoke(room, id, BY)).toBe(false);
  });

  test("a deleted room is erased in batches, with all that it held, and others keep theirs", async () => {
    const store = getStore();
    const [{ room, owner }, kept] = [await createRoom(store), await createRoom(store)];
    const file = { id: newId<FileId>(), name: "a.txt", type: "text/plain", bytes: 3 };
    const shape = { ...file, uploadId: newId(), hash: "c".repeat(64), cost: 3, width: null, height: null };
    await store.files.add({ ...shape, room, user: owner.id }, AMPLE);
    await store.files.finish(file.id);
    await store.files.attach({ room, user: owner.id, id: "with-file" as EventId }, [file.id]);
    const body = { by: owner, kind: "message" as const, id: "with-file" as EventId, text: "x", files: [file] };
    await storeEvents(store, [
      event(room, 1, body),
      ...Array.from({ length: 5 }, (_, at) => message(room, owner, at + 2)),
      event(room, 7, { by: owner, kind: "react", id: newId<EventId>(), target: 2, emoji: "👍" }),
      event(room, 8, { by: owner, kind: "pin", id: newId<EventId>(), target: 3 }),
      message(kept.room, kept.owner, 1),
    ]);
    expect(await store.rooms.close(room, BY)).toBe(true);
    expect(await store.rooms.close(room, BY)).toBe(false);
    expect(await store.rooms.erase(inMs(-HOUR_MS), 2)).toBe(0);
    expect(await store.rooms.reopen(room, inMs(HOUR_MS), BY)).toBe(false);
    expect(await store.rooms.reopen(room, inMs(-HOUR_MS), BY)).toBe(true);
    expect(await store.rooms.find(room)).not.toBeNull();
    await store.rooms.close(room, BY);
    let batches = 0;
    while ((await store.rooms.erase(inMs(HOUR_MS), 2)) > 0) batches += 1;
    expect(batches).toBeGreaterThan(3);
    expect(await store.rooms.reopen(room, inMs(-HOUR_MS), BY)).toBe(false);
    expect((await store.events.page(room, { after: 0, limit: 10 })).length).toBe(0);
    expect((await store.events.states(room, [2, 3])).states.size).toBe(0);
    expect(await store.files.find(room, file.id, owner.id)).toBeNull();
    expect((await store.events.page(kept.room, { after: 0, limit: 10 })).length).toBe(1);
    expect(await store.rooms.find(kept.room)).not.toBeNull();
  });
}
