import { newId, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import { createRoom, createUser, event, type GetStore, message, takeLease } from "./fixtures.ts";

/** Appends one batch for each list, in order. */
async function appendAll(store: Store, batches: readonly (readonly RoomEvent[])[]): Promise<void> {
  let lease = await takeLease(store);
  for (const [at, events] of batches.entries()) {
    await store.events.append({ lease, offset: `1-${at}`, events });
    lease = { ...lease, offset: `1-${at}` };
  }
}

/** Who may move events, when, and what moves with them beside the state of a message. */
export function moveContract(getStore: GetStore): void {
  test("a log that is lost twice leaves a change with its message", async () => {
    const store = getStore();
    const room = newId<RoomId>();
    const by = { id: newId<never>(), username: "ann" };
    const message = event(room, 30, { by, kind: "message", id: newId<never>(), text: "secret", was: [10, 20] });
    const deletion = event(room, 21, { by, kind: "delete", id: newId<never>(), target: 10, was: [11] });
    const lease = await takeLease(store);
    await store.events.append({ lease, offset: "1-0", events: [deletion] });
    const emptied = await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "1-1", events: [message] });
    expect(emptied).toEqual([{ room, seq: 30 }]);
    expect(await store.events.page(room, { after: 21, limit: 1 })).toMatchObject([
      { seq: 30, text: "", was: [10, 20] },
    ]);
    expect((await store.events.states(room, [30])).states.get(30)?.isDeleted).toBe(true);
  });

  test("a writer without the lease moves nothing, however late it comes", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const lease = await takeLease(store);
    const edit = event(room, 20, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [edit] });
    const stale = (seq: number) => ({ lease, offset: "1-1", events: [{ ...message(room, by, seq), was: [10] }] });
    await expect(store.events.append(stale(40))).rejects.toThrow("no longer held");
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
    const held = { ...lease, offset: "1-0" };
    await store.events.append({ lease: held, offset: "1-1", events: [{ ...message(room, by, 30), was: [10] }] });
    await expect(store.events.append(stale(40))).rejects.toThrow("no longer held");
    const deletion = event(room, 31, { by, kind: "delete", id: newId<never>(), target: 10 });
    await store.events.append({ lease: { ...lease, offset: "1-1" }, offset: "1-2", events: [deletion] });
    const { states } = await store.events.states(room, [10, 30, 40]);
    expect([...states.keys()]).toEqual([30]);
    expect(states.get(30)?.isDeleted).toBe(true);
  });

  test("a message that is stored behind its changes, at a seq that they do not name, takes them", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const change = (seq: number, target: number, kind: "delete" | "pin") =>
      event(room, seq, { by, kind, id: newId<never>(), target });
    const lease = await takeLease(store);
    const changes = [change(20, 50, "delete"), change(21, 31, "pin"), change(22, 51, "delete")];
    await store.events.append({ lease, offset: "1-0", events: changes });
    await store.events.moved(lease.shard, [
      { room, user: by.id, seq: 30, was: [50] },
      { room, user: by.id, seq: 31, was: [51] },
    ]);
    const deleted = async () => {
      const { states } = await store.events.states(room, [30, 31, 50, 51]);
      return [...states].filter(([, { isDeleted }]) => isDeleted).map(([seq]) => seq);
    };
    expect((await deleted()).sort()).toEqual([30, 31]);
    expect(await store.events.page(room, { after: 22, limit: 9 })).toEqual([]);
    const held = { ...lease, token: lease.token + 1, offset: "1-0" };
    const late = [30, 31, 32].map((seq) => ({ ...message(room, by, seq), was: [] }));
    const after = await store.events.append({ lease: held, offset: "1-1", events: late });
    expect(after).toEqual([{ room, seq: 31 }]);
    const rows = await store.events.page(room, { after: 22, limit: 9 });
    expect(rows.map((row) => "text" in row && row.text)).toEqual(["", "", "text 32"]);
    for (const row of rows) expect(row).not.toHaveProperty("was");
    expect((await deleted()).sort()).toEqual([30, 31]);
  });

  test("a room that keeps no earlier texts keeps none of a message that comes behind its edit", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    await store.rooms.change(room, { settings: { keepRevisions: false } }, { by: by.id });
    const edit = (seq: number, target: number) =>
      event(room, seq, { by, kind: "edit", id: newId<never>(), target, text: `edit ${seq}` });
    const lost = (seq: number, ...was: number[]) => ({ ...message(room, by, seq), was });
    await appendAll(store, [
      [edit(20, 10), lost(30, 10), message(room, by, 31)],
      [edit(40, 11)],
      [lost(50, 11), edit(51, 11)],
      [edit(60, 55), edit(61, 54)],
      [{ ...lost(54), was: [] }, { ...lost(55), was: [] }, edit(56, 55)],
    ]);
    const rows = await store.events.page(room, { after: 0, limit: 20 });
    const texts = rows.map((row) => [row.seq, "text" in row && row.text]);
    expect(texts.filter(([, text]) => text !== "")).toEqual([
      [20, "edit 20"],
      [31, "text 31"],
      [51, "edit 51"],
      [60, "edit 60"],
      [61, "edit 61"],
    ]);
    const { states } = await store.events.states(room, [30, 50, 54, 55]);
    const shown = [...states].map(([seq, { text }]) => [seq, text]).sort();
    expect(shown).toEqual([
      [30, "edit 20"],
      [50, "edit 51"],
      [54, "edit 61"],
      [55, "edit 60"],
    ]);
  });

  test("a seq whose log came back is its own again: a move that was not followed by its event changes nothing of it", async () => {
    const store = getStore();
    const room = newId<RoomId>();
    const by = { id: newId<never>(), username: "ann" };
    const said = { by, kind: "message", id: newId<never>(), text: "secret" } as const;
    const again = event(room, 1_010, { ...said, was: [10] });
    const lease = await takeLease(store);
    const stale = store.events.append({ lease: { ...lease, offset: "gone" }, offset: "1-1", events: [again] });
    await expect(stale).rejects.toThrow("no longer held");
    const edit = event(room, 11, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await store.events.append({ lease, offset: "1-0", events: [event(room, 10, said), edit] });
    const behind = { ...lease, offset: "1-0" };
    await expect(store.events.append({ lease, offset: "1-1", events: [again] })).rejects.toThrow("no longer held");
    expect((await store.events.states(room, [10])).states.get(10)?.text).toBe("edited");
    const deletion = event(room, 2_001, { by, kind: "delete", id: newId<never>(), target: 10 });
    await store.events.append({ lease: behind, offset: "1-1", events: [deletion] });
    expect((await store.events.states(room, [10])).states.get(10)?.isDeleted).toBe(true);
    expect(await store.events.page(room, { after: 0, limit: 1 })).toMatchObject([{ seq: 10, text: "" }]);
  });

  test("a thread is followed under the seq that its first message has after a lost log", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [writing, mentioned, silent, late] = await Promise.all(Array.from({ length: 4 }, () => createUser(store)));
    if (!writing || !mentioned || !silent || !late) throw new Error("unreachable");
    for (const user of [writing, mentioned, silent, late]) await store.members.add(room, user.id, "member");
    const reply = (seq: number, by = writing, names: string[] = []) =>
      event(room, seq, {
        ...{ by, kind: "message", id: newId<never>(), text: "reply", thread: 10 },
        ...(names.length === 0 ? {} : { mentions: { names } }),
      });
    const root = { ...message(room, owner, 30), was: [10] };
    await appendAll(store, [[reply(20, writing, [mentioned.username]), reply(21, silent)], [reply(22)]]);
    await store.threads.follow(silent.id, room, 10, false);
    await appendAll(store, [[root, { ...reply(31, late), was: [11] }]]);
    const page = { before: { at: Number.MAX_SAFE_INTEGER, room, seq: 0 }, limit: 9 };
    const followed = async ({ id }: { id: typeof owner.id }) =>
      (await store.threads.followed(id, page)).map(({ seq, count }) => [seq, count]);
    for (const user of [owner, writing, mentioned, late]) expect(await followed(user)).toEqual([[30, 4]]);
    expect(await followed(silent)).toEqual([]);
    await appendAll(store, [[reply(32, silent)]]);
    expect(await followed(silent)).toEqual([]);
  });

  test("a moderator's deletion is in the audit once, also when it is stored before its message", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const author = await createUser(store);
    const deletion = (seq: number, by = owner, target = 10) =>
      event(room, seq, { by, kind: "delete", id: newId<never>(), target });
    const own = deletion(22, author, 11);
    const messages = [30, 31].map((seq, at) => ({ ...message(room, author, seq), was: [10 + at] }));
    await appendAll(store, [[deletion(20)], [deletion(21), own], messages, [deletion(40)], messages]);
    const { entries } = await store.audit.list({ room, act: "message_delete" }, { limit: 9 });
    expect(entries).toMatchObject([{ actor: owner.id, subject: author.id, seq: 30 }]);
  });

  test("a deletion that is stored before the message of a log that comes back is in the audit once", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const author = await createUser(store);
    const deletion = (seq: number, target: number, by = owner) =>
      event(room, seq, { by, kind: "delete", id: newId<never>(), target });
    const late = (seq: number) => ({ ...message(room, author, seq), was: [] });
    let lease = await takeLease(store);
    const storeNext = async (...events: RoomEvent[]) => {
      await store.events.append({ lease, offset: `1-${events[0]?.seq}`, events });
      lease = { ...lease, offset: `1-${events[0]?.seq}` };
    };
    await storeNext(deletion(20, 10), deletion(21, 11, author), deletion(22, 51), deletion(23, 13));
    await store.events.moved(lease.shard, [{ room, user: author.id, seq: 12, was: [51] }]);
    lease = { ...lease, token: lease.token + 1 };
    await storeNext(late(10), late(11), late(12));
    await storeNext(late(10), late(11), late(12), late(13), deletion(30, 13));
    const { entries } = await store.audit.list({ room, act: "message_delete" }, { limit: 9 });
    expect(entries.map(({ seq }) => seq).sort()).toEqual([10, 12, 13]);
    for (const entry of entries) expect(entry).toMatchObject({ actor: owner.id, subject: author.id });
  });

  test("a reply names the present seq of its message, whichever of them is stored first", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const reply = (seq: number) => ({
      ...event(room, seq, { by, kind: "message", id: newId<never>(), text: "reply", replyTo: 10 }),
      was: [seq - 9],
    });
    await appendAll(store, [[reply(20)], [reply(21), { ...message(room, by, 30), was: [10] }, reply(31)], [reply(32)]]);
    const rows = await store.events.page(room, { after: 0, limit: 9 });
    expect(rows.map((row) => [row.seq, "replyTo" in row ? row.replyTo : undefined])).toEqual([
      [20, 30],
      [21, 30],
      [30, undefined],
      [31, 30],
      [32, 30],
    ]);
  });

  test("a change that is sent again with the seq that its message had is found", async () => {
    const store = getStore();
    const { room, owner: by } = await createRoom(store);
    const edit = event(room, 31, { by, kind: "edit", id: newId<never>(), target: 10, text: "edited" });
    await appendAll(store, [
      [
        { ...message(room, by, 30), was: [10] },
        { ...edit, was: [11] },
      ],
    ]);
    const key = { user: by.id, id: edit.id };
    for (const target of [10, 30]) expect(await store.threads.sentChange(room, target, key)).toMatchObject({ seq: 31 });
    expect(await store.threads.sentChange(room, 11, key)).toBeNull();
  });
}
