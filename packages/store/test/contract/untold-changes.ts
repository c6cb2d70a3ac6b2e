import type { RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, createUser, type GetStore, HOUR_MS, inMs } from "./fixtures.ts";

const BY = { by: "operator" } as const;

export function untoldChangesContract(getStore: GetStore): void {
  const untold = async (room: RoomId) =>
    (await getStore().untoldChanges.list(1_000)).filter((change) => change.room === room);
  /** What is kept for the room since the last call. */
  const news = async (room: RoomId) => {
    const changes = await untold(room);
    await getStore().untoldChanges.remove(changes);
    return changes.map(({ user, isOpen, isMember }) => ({ user, isOpen, isMember }));
  };

  test("every change of what a member may do is kept until it is told", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const { id: user } = await createUser(store);
    await store.members.add(room, user, "member");
    expect(await news(room)).toEqual([]);
    const changed = [{ user, isOpen: true, isMember: true }];
    await store.members.setRole(room, user, "moderator", BY);
    expect(await news(room)).toEqual(changed);
    await store.members.setRole(room, user, "moderator", BY);
    expect(await news(room)).toEqual([]);
    await store.members.mute(room, user, inMs(HOUR_MS), BY);
    expect(await news(room)).toEqual(changed);
    await store.members.mute(room, user, null, BY);
    expect(await news(room)).toEqual(changed);
    await store.unread.mark([{ room, user, seq: 1 }]);
    expect(await news(room)).toEqual([]);
    await store.bans.add(room, user, { by: owner.id, reason: "", until: null });
    expect(await news(room)).toEqual([{ user, isOpen: true, isMember: false }]);
  });

  test("a change is listed as the room and the member are now, and until it is removed", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const { id: user } = await createUser(store);
    await store.members.add(room, user, "member");
    await store.members.leave(room, user);
    await store.members.add(room, user, "member", "asked");
    expect(await untold(room)).toMatchObject([{ user, isOpen: true, isMember: true }]);
    expect(await news(room)).toHaveLength(1);
    expect(await untold(room)).toEqual([]);
  });

  test("settings, archiving, closing and reopening of a room are kept, its name is not", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    await store.rooms.change(room, { topic: "tea" }, BY);
    expect(await news(room)).toEqual([]);
    const changed = [{ user: null, isOpen: true, isMember: false }];
    await store.rooms.change(room, { settings: { slowModeSeconds: 5 } }, BY);
    expect(await news(room)).toEqual(changed);
    await store.rooms.setArchived(room, true, BY);
    expect(await news(room)).toEqual(changed);
    await store.rooms.close(room, BY);
    expect(await news(room)).toEqual([{ user: null, isOpen: false, isMember: false }]);
    await store.rooms.reopen(room, inMs(-HOUR_MS), BY);
    expect(await news(room)).toEqual(changed);
  });

  test("blocks are kept for the direct room of the two", async () => {
    const store = getStore();
    const [one, other] = [await createUser(store), await createUser(store)];
    const { id: room } = await store.rooms.direct([one.id, other.id]);
    await store.blocks.add(one.id, other.id);
    const changed = [{ user: other.id, isOpen: true, isMember: true }];
    expect(await news(room)).toEqual(changed);
    await store.blocks.add(one.id, other.id);
    expect(await news(room)).toEqual([]);
    await store.blocks.remove(one.id, other.id);
    expect(await news(room)).toEqual(changed);
  });
}
