import { type EventId, newId, type PublicUser, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createRoom, createUser, event, type GetStore, HOUR_MS, inMs, message, storeEvents } from "./fixtures.ts";

const BOUNDS = { ofRoom: 100, ofUser: 100 };
const PAGE = { limit: 10 };

interface Scene {
  readonly room: RoomId;
  readonly owner: PublicUser;
  readonly author: PublicUser;
  readonly reporter: PublicUser;
}

export function reportsContract(getStore: GetStore): void {
  const scene = async (): Promise<Scene> => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [author, reporter] = [await createUser(store), await createUser(store)];
    for (const { id } of [author, reporter]) await store.members.add(room, id, "member");
    return { room, owner, author, reporter };
  };
  const wish = ({ room, author, reporter }: Scene, seq: number, more = {}) => ({
    ...{ room, seq, isDirect: false, by: reporter.id, author: author.id, reason: "spam" as const, text: "look" },
    ...{ message: `text ${seq}`, messageAt: 5, ...more },
  });
  const listed = async (room: RoomId, isOpen = true, more = {}) =>
    (await getStore().reports.list({ of: { room }, isOpen, ...more }, PAGE)).reports;

  test("a report keeps the message as it was reported, and shows the messages around as they are now", async () => {
    const store = getStore();
    const { room, owner, author, reporter } = await scene();
    const remove = (seq: number, target: number) =>
      event(room, seq, { by: owner, kind: "delete", id: newId<EventId>(), target });
    await storeEvents(store, [
      ...Array.from({ length: 9 }, (_, at) => message(room, at % 2 === 0 ? author : owner, at + 1)),
      event(room, 10, { by: owner, kind: "edit", id: newId<EventId>(), target: 4, text: "edited" }),
    ]);
    const made = await store.reports.add(wish({ room, owner, author, reporter }, 5), BOUNDS);
    expect(made).toMatchObject({ isNew: true, state: "open" });
    await storeEvents(store, [remove(11, 5), remove(12, 6)]);
    const [report] = await listed(room);
    expect(report).toMatchObject({
      ...{ seq: 5, by: reporter, author, message: "text 5", text: "look", isDeleted: true, messageAt: 5 },
      context: [
        { seq: 2, text: "text 2", by: owner },
        { seq: 3, text: "text 3", by: author },
        { seq: 4, text: "edited" },
        { seq: 6, text: null },
        { seq: 7, text: "text 7" },
        { seq: 8, text: "text 8" },
      ],
    });
    const [bounded] = await listed(room, true, { from: 3 });
    expect(bounded?.context.map(({ seq }) => seq)).toEqual([4, 6, 7, 8]);
  });

  test("a user reports a message once, also when two calls come at once, and other users report it too", async () => {
    const store = getStore();
    const one = await scene();
    const both = await Promise.all([store.reports.add(wish(one, 1), BOUNDS), store.reports.add(wish(one, 1), BOUNDS)]);
    const [first, second] = both.map((made) => (made === "full" ? undefined : made));
    expect(first?.id).toBe(second?.id);
    expect([first?.isNew, second?.isNew].toSorted()).toEqual([false, true]);
    await store.reports.add({ ...wish(one, 1), by: one.owner.id }, BOUNDS);
    expect(await listed(one.room)).toHaveLength(2);
  });

  test("open reports of a room and of a user are bounded, and closed ones do not count", async () => {
    const store = getStore();
    const one = await scene();
    const bounds = { ofRoom: 3, ofUser: 2 };
    const first = await store.reports.add(wish(one, 1), bounds);
    await store.reports.add(wish(one, 2), bounds);
    expect(await store.reports.add(wish(one, 3), bounds)).toBe("full");
    expect(await store.reports.add(wish(one, 2), bounds)).toMatchObject({ isNew: false });
    const others = [await createUser(store), await createUser(store)].map(({ id }) => ({ ...wish(one, 3), by: id }));
    expect(await store.reports.add(others[0] ?? wish(one, 3), bounds)).toMatchObject({ isNew: true });
    expect(await store.reports.add(others[1] ?? wish(one, 3), bounds)).toBe("full");
    const id = first === "full" ? "" : first.id;
    await store.reports.close({ id, room: one.room }, { state: "dismissed" }, { by: one.owner.id });
    expect(await store.reports.add(wish(one, 3), bounds)).toMatchObject({ isNew: true });
  });

  test("closing a report leaves an entry of the audit in the same transaction, and may be decided anew", async () => {
    const store = getStore();
    const one = await scene();
    const made = await store.reports.add(wish(one, 1), BOUNDS);
    const id = made === "full" ? "" : made.id;
    const close = (by: string, note?: string, where: RoomId | undefined = one.room) =>
      store.reports.close({ id, room: where }, { state: "acted", note }, { by: by as PublicUser["id"] });
    expect(await close(one.owner.id, "warned", (await scene()).room)).toBe("absent");
    expect(await close(one.author.id)).toBe("absent");
    await expect(
      store.reports.close({ id, room: one.room }, { state: "acted" }, { by: one.owner.id, address: "\u0000" }),
    ).rejects.toThrow();
    expect(await listed(one.room)).toHaveLength(1);
    expect(await close(one.owner.id, "warned")).toEqual({ room: one.room, author: one.author.id });
    expect(await listed(one.room)).toEqual([]);
    expect(await listed(one.room, false)).toMatchObject([{ state: "acted", note: "warned", closedBy: one.owner.id }]);
    await store.reports.close({ id }, { state: "dismissed" }, { by: "operator" });
    expect(await listed(one.room, false)).toMatchObject([{ state: "dismissed", note: null, closedBy: "operator" }]);
    const { entries } = await store.audit.list({ room: one.room }, PAGE);
    expect(entries).toMatchObject([
      { act: "report_close", actor: "operator", details: { report: id, state: "dismissed" } },
      { act: "report_close", subject: one.author.id, seq: 1, details: { report: id, state: "acted" }, note: "warned" },
    ]);
  });

  test("lists have pages, leave the reader's own messages out, and keep direct rooms apart", async () => {
    const store = getStore();
    const one = await scene();
    for (const seq of [1, 2, 3]) await store.reports.add(wish(one, seq), BOUNDS);
    await store.reports.add({ ...wish(one, 4), isDirect: true, room: newId<RoomId>() }, BOUNDS);
    const of = { room: one.room };
    const first = await store.reports.list({ of, isOpen: true }, { limit: 2 });
    expect(first.reports.map(({ seq }) => seq)).toEqual([1, 2]);
    const rest = await store.reports.list({ of, isOpen: true }, { limit: 2, cursor: first.cursor });
    expect(rest).toMatchObject({ reports: [{ seq: 3 }], cursor: undefined });
    expect(await listed(one.room, true, { notOf: one.author.id })).toEqual([]);
    const all = async (isDirect: boolean) =>
      (await store.reports.list({ of: { isDirect }, isOpen: true, notOf: undefined }, { limit: 1_000 })).reports
        .filter(({ by }) => by.id === one.reporter.id)
        .map(({ seq }) => seq);
    expect(await all(true)).toEqual([4]);
    expect(await all(false)).toEqual([1, 2, 3]);
  });

  test("the queue names moderators and stronger, each with the number of open reports of messages of others", async () => {
    const store = getStore();
    const one = await scene();
    await store.members.setRole(one.room, one.reporter.id, "moderator", { by: "operator" });
    await store.reports.add(wish(one, 1), BOUNDS);
    await store.members.setRole(one.room, one.author.id, "admin", { by: "operator" });
    const counts = new Map((await store.reports.queue(one.room, 10)).map(({ user, open }) => [user, open]));
    expect(counts).toEqual(
      new Map([
        [one.owner.id, 1],
        [one.reporter.id, 1],
        [one.author.id, 0],
      ]),
    );
  });

  const erase = async (store: Store, user: PublicUser) => {
    await store.erasures.request(user.id);
    while ((await store.erasures.clear(user.id, 1)) > 0);
  };

  test("an erasure empties the text of the reporter and the copy of the author; ids stay", async () => {
    const store = getStore();
    const one = await scene();
    const ids: string[] = [];
    for (const seq of [1, 2]) {
      const made = await store.reports.add(wish(one, seq), BOUNDS);
      if (made !== "full") ids.push(made.id);
    }
    const note = "spoke with them";
    await store.reports.close({ id: ids[1] ?? "" }, { state: "acted", note }, { by: one.owner.id });
    await erase(store, one.reporter);
    expect(await listed(one.room)).toMatchObject([{ by: { id: one.reporter.id }, text: null, message: "text 1" }]);
    expect(await listed(one.room, false)).toMatchObject([{ note }]);
    await erase(store, one.author);
    expect(await listed(one.room)).toMatchObject([{ author: { id: one.author.id }, message: null }]);
    expect(await listed(one.room, false)).toMatchObject([{ note: null }]);
  });

  test("closed reports are deleted after their time, and those of an erased room go with it", async () => {
    const store = getStore();
    const one = await scene();
    const made = await store.reports.add(wish(one, 1), BOUNDS);
    await store.reports.add(wish(one, 2), BOUNDS);
    const id = made === "full" ? "" : made.id;
    await store.reports.close({ id }, { state: "acted" }, { by: "operator" });
    await store.reports.deleteClosed(inMs(-HOUR_MS), 100);
    expect(await listed(one.room, false)).toHaveLength(1);
    expect(await store.reports.deleteClosed(inMs(HOUR_MS), 1_000)).toBeGreaterThan(0);
    expect(await listed(one.room, false)).toEqual([]);
    await store.rooms.close(one.room, { by: "operator" });
    while ((await store.rooms.erase(inMs(HOUR_MS), 100)) > 0);
    expect(await listed(one.room)).toEqual([]);
  });
}
