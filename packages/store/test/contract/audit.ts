import { setTimeout as sleep } from "node:timers/promises";
import { type EventId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { AuditAct } from "../../src/store-audit.ts";
import { createRoom, createUser, event, type GetStore, HOUR_MS, inMs, message, storeEvents } from "./fixtures.ts";

const ALL = { limit: 100 };
const TICK_MS = 5;

export function auditContract(getStore: GetStore): void {
  const actsOf = async (room: RoomId) => {
    const { entries } = await getStore().audit.list({ room }, ALL);
    return entries.toReversed().map(({ act, subjectName, details, note, address }) => ({
      act,
      subjectName,
      ...(details === null ? {} : { details }),
      ...(note === null ? {} : { note }),
      ...(address === null ? {} : { address }),
    }));
  };

  test("every act of power in a room leaves one entry, and what changes nothing leaves none", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const { id, username: subjectName } = await createUser(store);
    const by = { by: owner.id, address: "192.0.2.1" };
    await store.members.add(room, id, "member");
    await store.members.setRole(room, id, "moderator", by);
    await store.members.mute(room, id, new Date(5_000), by);
    await store.members.mute(room, id, null, by);
    await store.members.remove(room, id, by);
    await store.members.remove(room, id, by);
    await store.bans.add(room, id, { ...by, reason: "spam", until: null });
    await store.bans.remove(room, id, by);
    await store.bans.remove(room, id, by);
    await store.invites.inviteUser(room, id, owner.id, by.address);
    await store.rooms.change(room, { topic: "about somebody", settings: { slowModeSeconds: 5 } }, by);
    await store.rooms.setArchived(room, true, by);
    await store.rooms.setArchived(room, false, by);
    const link = { room, ...by, codeHash: newId(), role: "guest" as const, expiresAt: new Date(9e12), uses: 3 };
    const { id: invite } = await store.invites.create(link);
    await store.invites.revoke(room, invite, by);
    await store.invites.revoke(room, invite, by);
    await store.rooms.close(room, by);
    await store.rooms.close(room, by);
    await store.rooms.reopen(room, inMs(-HOUR_MS), { by: "operator" });
    const { address } = by;
    const onUser = { subjectName, address };
    const onRoom = { subjectName: null, address };
    expect(await actsOf(room)).toEqual([
      { act: "role_set", ...onUser, details: { role: "moderator", before: "member" } },
      { act: "member_mute", ...onUser, details: { until: 5_000 } },
      { act: "member_unmute", ...onUser },
      { act: "member_remove", ...onUser },
      { act: "member_ban", ...onUser, note: "spam" },
      { act: "member_unban", ...onUser },
      { act: "invitation_create", ...onUser },
      {
        act: "room_change",
        ...onRoom,
        details: { changed: ["topic", "settings"], settings: { slowModeSeconds: 5 } },
      },
      { act: "room_archive", ...onRoom },
      { act: "room_unarchive", ...onRoom },
      { act: "invite_create", ...onRoom, details: { invite, role: "guest", uses: 3, until: 9e12 } },
      { act: "invite_revoke", ...onRoom, details: { invite } },
      { act: "room_delete", ...onRoom },
      { act: "room_reopen", subjectName: null },
    ]);
  });

  test("the batch that deletes a message of somebody else writes the entry, also of a message of the same batch", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const author = await createUser(store);
    const remove = (seq: number, target: number, by = owner) =>
      event(room, seq, { by, kind: "delete", id: newId<EventId>(), target });
    await storeEvents(store, [message(room, author, 1), message(room, author, 2), message(room, owner, 3)]);
    await storeEvents(store, [
      remove(4, 1),
      remove(5, 2, author),
      remove(6, 3),
      message(room, author, 7),
      remove(8, 7),
    ]);
    await storeEvents(store, [remove(9, 1)]);
    const { entries } = await store.audit.list({ room }, ALL);
    const shared = { actor: owner.id, act: "message_delete", subject: author.id };
    expect(entries).toHaveLength(2);
    expect(entries.toSorted((one, other) => (one.seq ?? 0) - (other.seq ?? 0))).toMatchObject([
      { ...shared, seq: 1 },
      { ...shared, seq: 7 },
    ]);
  });

  test("an act that is refused leaves no entry", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const member = await createUser(store);
    await store.members.add(room, member.id, "member");
    const by = { by: member.id };
    await expect(store.bans.add(room, owner.id, { ...by, reason: "", until: null })).rejects.toThrow();
    expect(await store.members.setRole(room, owner.id, "member", by)).toBe("last_owner");
    expect(await actsOf(room)).toEqual([]);
  });

  test("an act whose entry cannot be written does not happen", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const member = await createUser(store);
    await store.members.add(room, member.id, "member");
    const by = { by: owner.id, address: "not storable \u0000" };
    await expect(store.members.setRole(room, member.id, "admin", by)).rejects.toThrow();
    await expect(store.members.remove(room, member.id, by)).rejects.toThrow();
    await expect(store.bans.add(room, member.id, { ...by, reason: "", until: null })).rejects.toThrow();
    await expect(store.rooms.close(room, by)).rejects.toThrow();
    expect(await store.members.roles([{ room, user: member.id }])).toEqual(["member"]);
    expect(await store.rooms.find(room)).not.toBeNull();
    expect(await actsOf(room)).toEqual([]);
  });

  test("entries are found by actor, subject, act and time, in pages from the newest on", async () => {
    const store = getStore();
    const [actor, subject] = [await createUser(store), await createUser(store)];
    const act = (name: AuditAct["act"]): AuditAct => ({ by: actor.id, act: name, subject: subject.id });
    const began = new Date(Date.now() - 1_000);
    for (const name of ["member_ban", "member_unban", "member_ban"] as const) {
      await store.audit.write(act(name));
      // Entries of one tick of the database's clock have no order.
      await sleep(TICK_MS);
    }
    const count = async (filter: Parameters<typeof store.audit.list>[0]) =>
      (await store.audit.list({ subject: subject.id, ...filter }, ALL)).entries.length;
    expect(await count({ actor: actor.id })).toBe(3);
    expect(await count({ actor: "operator" })).toBe(0);
    expect(await count({ act: "member_ban" })).toBe(2);
    expect(await count({ since: began, until: inMs(HOUR_MS) })).toBe(3);
    expect(await count({ until: began })).toBe(0);
    expect(await count({ since: inMs(HOUR_MS) })).toBe(0);
    const first = await store.audit.list({ actor: actor.id }, { limit: 2 });
    expect(first.entries.map((entry) => entry.act)).toEqual(["member_ban", "member_unban"]);
    const second = await store.audit.list({ actor: actor.id }, { limit: 2, cursor: first.cursor });
    expect(second).toMatchObject({ entries: [{ act: "member_ban", actorName: actor.username }], cursor: undefined });
  });

  test("an erasure empties texts and addresses of the user's entries, and keeps ids and acts", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const user = await createUser(store);
    const ban = { reason: "called Joe by name", until: null };
    await store.bans.add(room, user.id, { ...ban, by: owner.id, address: "192.0.2.1" });
    await store.bans.add(room, newId<UserId>(), { ...ban, by: user.id, address: "192.0.2.2" }).catch(() => undefined);
    await store.rooms.change(room, { topic: "x" }, { by: user.id, address: "192.0.2.2" });
    await store.erasures.clear(user.id, 100);
    expect(await actsOf(room)).toMatchObject([{ note: ban.reason, address: "192.0.2.1" }, { address: "192.0.2.2" }]);
    await store.erasures.request(user.id);
    while ((await store.erasures.clear(user.id, 1)) > 0);
    const { entries } = await store.audit.list({ room }, ALL);
    expect(entries).toMatchObject([
      { act: "room_change", actor: user.id, address: null },
      { act: "member_ban", subject: user.id, note: null, address: "192.0.2.1" },
    ]);
  });

  test("entries of the last day do not expire, whatever is asked", async () => {
    const store = getStore();
    const user = await createUser(store);
    await store.audit.write({ by: user.id, act: "role_set" });
    expect(await store.audit.expire(inMs(HOUR_MS), 100)).toBe(0);
    expect((await store.audit.list({ actor: user.id }, ALL)).entries).toHaveLength(1);
  });
}
