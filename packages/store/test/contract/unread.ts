import { newId, type PublicUser, type RoomEvent, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createRoom, createUser, event, type GetStore, message, messages, storeEvents, takeLease } from "./fixtures.ts";

const stateOf = async (store: Store, { id: user }: PublicUser, since?: number) => {
  const [state] = await store.unread.states([{ user, since, after: undefined }], 1_000);
  if (state === undefined) throw new Error("no state");
  return state;
};

async function roomOf(store: Store, user: PublicUser, room: RoomId) {
  const found = (await stateOf(store, user)).rooms.find((one) => one.room === room);
  if (found === undefined) throw new Error("no such room");
  return found;
}

async function openPair(store: Store) {
  const { room, owner } = await createRoom(store);
  const member = await createUser(store);
  await store.members.add(room, member.id, "member");
  return { room, owner, member };
}

const mentioning = (room: RoomId, by: PublicUser, seq: number, mentions: object): RoomEvent =>
  ({ ...message(room, by, seq), mentions }) as RoomEvent;

export function unreadContract(getStore: GetStore): void {
  test("unread are the messages of others above the mark, without thread replies, deleted texts and other kinds", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    const of = (seq: number, by = owner) => message(room, by, seq);
    await storeEvents(store, [
      ...[1, 2, 3, 4].map((seq) => of(seq)),
      of(5, member),
      { ...of(6), thread: 1 } as RoomEvent,
      { ...of(7), thread: 1, broadcast: true } as RoomEvent,
      event(room, 8, { by: owner, kind: "react", id: "r" as never, target: 5, emoji: "👍" }),
    ]);
    await storeEvents(store, [event(room, 1_000_009, { by: owner, kind: "delete", id: "d" as never, target: 3 })]);
    await store.unread.mark([{ room, user: member.id, seq: 2 }]);
    expect(await roomOf(store, member, room)).toMatchObject({ read: 2, head: 1_000_009, unread: 2, mentions: 0 });
  });

  test("an edited message is unread, and the newest one, in a room that keeps no earlier texts, until it is deleted", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    await store.rooms.change(room, { settings: { keepRevisions: false } }, { by: owner.id });
    const change = (seq: number, body: object) => event(room, seq, { by: owner, target: 2, ...body } as never);
    await storeEvents(store, [message(room, owner, 1), message(room, owner, 2)]);
    await storeEvents(store, [change(1_000_003, { kind: "edit", id: "e", text: "the final text" })]);
    expect(await roomOf(store, member, room)).toMatchObject({ unread: 2, last: { seq: 2, text: "the final text" } });
    await storeEvents(store, [change(2_000_004, { kind: "delete", id: "d" })]);
    expect(await roomOf(store, member, room)).toMatchObject({ unread: 1, last: { seq: 1 } });
  });

  test("a count ends at 100, and what was in a room before somebody joined is read", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    await storeEvents(store, messages(room, owner, 150));
    const member = await createUser(store);
    await store.members.add(room, member.id, "member");
    expect(await roomOf(store, member, room)).toMatchObject({ read: 150, unread: 0 });
    await storeEvents(
      store,
      [...Array(120).keys()].map((at) => message(room, owner, 151 + at)),
    );
    expect(await roomOf(store, member, room)).toMatchObject({ read: 150, unread: 100 });
  });

  test("a batch returns whom its messages mention by name, once, and not those who want nothing of the room", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    const names = [member.username.toLowerCase(), owner.username.toLowerCase()];
    const asked = mentioning(room, owner, 1, { names, room: true });
    const lease = await takeLease(store);
    const first = await store.events.append({ lease, offset: "1-0", events: [asked] });
    expect(first).toEqual([{ room, seq: 1, user: member.id, by: owner, preview: "text 1" }]);
    const again = await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "2-0", events: [asked] });
    expect(again).toEqual([]);
    await store.unread.prefer(member.id, room, { level: "nothing" });
    const events = [mentioning(room, owner, 2, { names })];
    expect(await store.events.append({ lease: { ...lease, offset: "2-0" }, offset: "3-0", events })).toEqual([]);
  });

  test("a count is right behind hundreds of reactions and own messages above the mark", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    const react = (seq: number): RoomEvent =>
      event(room, seq, { by: owner, kind: "react", id: newId(), target: 1, emoji: "👍", remove: seq % 2 === 0 });
    await storeEvents(store, [
      message(room, owner, 1),
      ...[...Array(400).keys()].map((at) => (at % 3 === 0 ? message(room, member, at + 2) : react(at + 2))),
      ...[...Array(70).keys()].map((at) => message(room, owner, at + 402)),
    ]);
    expect(await roomOf(store, member, room)).toMatchObject({ read: 0, unread: 71 });
    await storeEvents(
      store,
      [...Array(60).keys()].map((at) => message(room, owner, at + 500)),
    );
    expect(await roomOf(store, member, room)).toMatchObject({ unread: 100 });
  });

  test("unread of a followed thread counts replies and not numbers, also behind the jump of a new epoch", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    const reply = (seq: number) => ({ ...message(room, member, seq), thread: 1 }) as RoomEvent;
    const [of, before] = [owner.id, { at: 1e15, room: "ffffffff-ffff-ffff-ffff-ffffffffffff", seq: 1 }];
    const unread = async () => (await store.threads.followed(of, { before, limit: 10 })).map((thread) => thread.unread);
    await storeEvents(store, [message(room, owner, 1), reply(2), reply(3)]);
    await store.threads.markRead(of, room, 1, 3);
    expect(await unread()).toEqual([0]);
    await storeEvents(store, [{ ...reply(1_000_009), epoch: 2 }]);
    expect(await unread()).toEqual([1]);
    await store.threads.markRead(of, room, 1, 1_000_009);
    expect(await unread()).toEqual([0]);
  });

  test("marks go forwards only, in any order and number, and marks of strangers are ignored", async () => {
    const store = getStore();
    const { room, member } = await openPair(store);
    const of = (seq: number, user = member.id) => ({ room, user, seq });
    await store.unread.mark([of(3), of(7), of(5), of(9, newId<UserId>())]);
    await store.unread.mark([of(6)]);
    await store.unread.mark([]);
    expect(await roomOf(store, member, room)).toMatchObject({ read: 7 });
  });

  test("mentions are counted by message: by name, by @room of others, and not twice", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    await storeEvents(store, [
      mentioning(room, owner, 1, { names: [member.username] }),
      mentioning(room, owner, 2, { room: true }),
      mentioning(room, owner, 3, { names: [member.username], room: true }),
      mentioning(room, member, 4, { room: true }),
      mentioning(room, owner, 5, { names: ["nobody-else"] }),
    ]);
    expect(await roomOf(store, member, room)).toMatchObject({ mentions: 3 });
    expect(await roomOf(store, owner, room)).toMatchObject({ mentions: 1 });
    await store.unread.mark([{ room, user: member.id, seq: 2 }]);
    expect(await roomOf(store, member, room)).toMatchObject({ mentions: 1 });
  });

  test("the preview is the present text of the newest message that is not deleted", async () => {
    const store = getStore();
    const { room, owner, member } = await openPair(store);
    await storeEvents(store, [
      message(room, owner, 1, "first"),
      message(room, owner, 2, "x".repeat(500)),
      message(room, owner, 3),
    ]);
    await storeEvents(store, [event(room, 4, { by: owner, kind: "delete", id: "d" as never, target: 3 })]);
    const { last } = await roomOf(store, member, room);
    expect(last).toMatchObject({ seq: 2, by: owner, text: "x".repeat(120) });
    await storeEvents(store, [
      event(room, 5, { by: owner, kind: "edit", id: "e" as never, target: 2, text: "edited" }),
    ]);
    expect((await roomOf(store, member, room)).last?.text).toBe("edited");
  });

  test("since leaves out rooms without anything newer: event, mark, preference or joining", async () => {
    const store = getStore();
    const member = await createUser(store);
    const rooms: RoomId[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { room } = await createRoom(store);
      await store.members.add(room, member.id, "member");
      rooms.push(room);
    }
    const [said, read, starred, quiet] = rooms as [RoomId, RoomId, RoomId, RoomId];
    const { at, joined } = await stateOf(store, member);
    expect(joined).toBe(4);
    await storeEvents(store, [{ ...message(said, member, 1), at: at + 1 }]);
    await store.unread.mark([{ room: read, user: member.id, seq: 1 }]);
    await store.unread.prefer(member.id, starred, { isStarred: true });
    const changed = await stateOf(store, member, at);
    expect(new Set(changed.rooms.map(({ room }) => room))).toEqual(new Set([said, read, starred]));
    expect(changed.joined).toBe(4);
    await store.members.leave(quiet, member.id);
    expect((await stateOf(store, member, at)).joined).toBe(3);
  });

  test("many users are answered in their order, each page by page", async () => {
    const store = getStore();
    const member = await createUser(store);
    const rooms: RoomId[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { room } = await createRoom(store);
      await store.members.add(room, member.id, "member");
      rooms.push(room);
    }
    const nobody = newId<UserId>();
    const ask = (user: UserId, after?: RoomId) => ({ user, since: undefined, after });
    const [none, first] = await store.unread.states([ask(nobody), ask(member.id)], 2);
    expect(none).toMatchObject({ rooms: [], joined: 0, cursor: undefined });
    expect(first).toMatchObject({ joined: 3 });
    const [rest] = await store.unread.states([ask(member.id, first?.cursor)], 2);
    expect([...(first?.rooms ?? []), ...(rest?.rooms ?? [])].map(({ room }) => room)).toEqual(rooms.toSorted());
    expect(rest?.cursor).toBeUndefined();
    expect(await store.unread.states([], 2)).toEqual([]);
  });

  test("preferences change one by one", async () => {
    const store = getStore();
    const { room, member } = await openPair(store);
    expect(await roomOf(store, member, room)).toMatchObject({ level: "all", isStarred: false });
    expect(await store.unread.prefer(member.id, room, { level: "mentions" })).toEqual({
      level: "mentions",
      isStarred: false,
    });
    await store.unread.prefer(member.id, room, { isStarred: true });
    expect(await roomOf(store, member, room)).toMatchObject({ level: "mentions", isStarred: true });
  });

  test("a status is shown to those who share a room, until its time is over", async () => {
    const store = getStore();
    const { owner, member } = await openPair(store);
    const stranger = await createUser(store);
    const until = Date.now() + 60_000;
    await store.statuses.set(member.id, { isAway: true, status: { emoji: "🌴", text: "away", until } });
    const seen = (viewer: PublicUser) => store.statuses.among(viewer.id, [member.id, stranger.id]);
    expect(await seen(owner)).toEqual([
      { user: member.id, isAway: true, emoji: "🌴", text: "away", until, hidesLastSeen: false, lastSeen: undefined },
    ]);
    expect((await seen(stranger)).map(({ user }) => user)).toEqual([stranger.id]);
    await store.statuses.set(member.id, { status: { emoji: "🌴", text: "over", until: Date.now() - 1_000 } });
    expect((await seen(owner))[0]).toMatchObject({ isAway: true, emoji: undefined, text: undefined });
    expect(await store.statuses.set(member.id, { isAway: false, status: null })).toMatchObject({ isAway: false });
    await store.blocks.add(member.id, owner.id);
    expect(await seen(owner)).toEqual([]);
  });
}
