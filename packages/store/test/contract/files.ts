import { createHash } from "node:crypto";
import { type EventId, type FileId, newId, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import type { Store } from "../../src/store.ts";
import type { NewFile } from "../../src/store-files.ts";
import { createUser, event, fresh, type GetStore, HOUR_MS, inMs, storeEvents } from "./fixtures.ts";

const AMPLE = { user: 1_000_000, room: 1_000_000 };
const NEVER = new Date(0);
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function newFile(over: Partial<NewFile> = {}): NewFile {
  const content = fresh("content");
  return {
    id: newId<FileId>(),
    room: newId<RoomId>(),
    user: newId<UserId>(),
    uploadId: fresh("upload"),
    hash: hashOf(content),
    name: "notes.txt",
    type: "text/plain",
    bytes: 10,
    cost: 100,
    width: null,
    height: null,
    ...over,
  };
}

async function upload(store: Store, over: Partial<NewFile> = {}): Promise<NewFile> {
  const file = newFile(over);
  expect(await store.files.add(file, AMPLE)).toBe("added");
  expect(await store.files.finish(file.id)).toBe(true);
  return file;
}

const recordOf = ({ uploadId, cost, ...record }: NewFile) => record;
const leftOf = async (store: Store, file: NewFile) => (await store.files.look(file, AMPLE)).left;
/** Everything that is due, as if a day had passed; the tests of a file share one store. */
const sweepAll = (store: Store) => store.files.sweep({ unfinished: inMs(HOUR_MS), unused: inMs(HOUR_MS) }, 500);
const orphans = (store: Store, stuck = NEVER) => store.files.takeOrphans({ taken: inMs(HOUR_MS), stuck }, 500);

export function filesContract(getStore: GetStore): void {
  test("an upload is seen once it is finished, and its id finds it again", async () => {
    const store = getStore();
    const file = newFile({ width: 3, height: 2 });
    expect(await store.files.look(file, AMPLE)).toEqual({ file: null, isGone: false, left: 1_000_000 });
    expect(await store.files.add(file, AMPLE)).toBe("added");
    expect(await store.files.find(file.room, file.id, file.user)).toBeNull();
    expect(await store.files.finish(file.id)).toBe(true);
    expect(await store.files.find(file.room, file.id, file.user)).toEqual(recordOf(file));
    expect(await store.files.find(newId<RoomId>(), file.id, file.user)).toBeNull();
    expect(await store.files.look(file, AMPLE)).toEqual({ file: recordOf(file), isGone: false, left: 999_900 });
    expect(await store.files.add({ ...file, id: newId<FileId>() }, AMPLE)).toBe("exists");
    expect(await leftOf(store, file)).toBe(999_900);
  });

  test("an unfinished upload of the same id is taken over, and the first one learns of it", async () => {
    const store = getStore();
    const first = newFile();
    const second = { ...first, id: newId<FileId>() };
    await store.files.add(first, AMPLE);
    expect(await store.files.add(second, AMPLE)).toBe("added");
    expect(await store.files.finish(first.id)).toBe(false);
    expect(await store.files.finish(second.id)).toBe(true);
    expect(await leftOf(store, first)).toBe(999_900);
  });

  test("the quotas of user and room hold, also for uploads at once", async () => {
    const store = getStore();
    const [user, room] = [newId<UserId>(), newId<RoomId>()];
    const quotas = { user: 250, room: 450 };
    const mine = Array.from({ length: 6 }, () => store.files.add(newFile({ user, room }), quotas));
    expect((await Promise.all(mine)).toSorted()).toEqual(["added", "added", "full", "full", "full", "full"]);
    const others = Array.from({ length: 6 }, () => store.files.add(newFile({ room }), quotas));
    expect((await Promise.all(others)).filter((answer) => answer === "added")).toHaveLength(2);
    expect(await store.files.add(newFile({ user }), quotas)).toBe("full");
  });

  test("one message takes files of its author and room, all or none", async () => {
    const store = getStore();
    const first = await upload(store, { width: 4, height: 3 });
    const { user, room } = first;
    const second = await upload(store, { user, room });
    const [ofOther, elsewhere] = [await upload(store, { room }), await upload(store, { user })];
    const unfinished = newFile({ user, room });
    await store.files.add(unfinished, AMPLE);
    const message = { room, user, id: "m-1" as EventId };
    for (const wrong of [ofOther.id, elsewhere.id, unfinished.id, newId<FileId>()]) {
      await expect(store.files.attach(message, [first.id, wrong])).rejects.toMatchObject({ code: "unknown_file" });
    }
    const other = { ...message, id: "m-2" as EventId };
    expect(await store.files.attach(other, [second.id, first.id])).toEqual([
      { id: second.id, name: "notes.txt", type: "text/plain", bytes: 10 },
      { id: first.id, name: "notes.txt", type: "text/plain", bytes: 10, width: 4, height: 3 },
    ]);
    expect(await store.files.attach(other, [first.id])).toHaveLength(1);
    await expect(store.files.attach(message, [first.id])).rejects.toMatchObject({ code: "unknown_file" });
  });

  test("files of deleted messages and unused ones are swept, and free their quotas; those in messages stay", async () => {
    const store = getStore();
    const kept = await upload(store);
    const { user, room } = kept;
    const [released, deleted, unused] = [
      await upload(store, { user, room }),
      await upload(store, { user, room }),
      await upload(store, { user, room }),
    ];
    await store.files.attach({ room, user, id: "kept" as EventId }, [kept.id]);
    await store.files.attach({ room, user, id: "gone" as EventId }, [released.id]);
    expect(await store.files.release(room, [{ user, id: "gone" as EventId }])).toBe(1);
    expect(await store.files.delete(room, deleted.id)).toBe(true);
    expect(await store.files.delete(room, deleted.id)).toBe(false);
    expect(await store.files.find(room, released.id, user)).toBeNull();
    expect(await store.files.look(deleted, AMPLE)).toMatchObject({ file: null, isGone: true });
    expect(await store.files.sweep({ unfinished: NEVER, unused: NEVER }, 500)).toBe(2);
    expect(await store.files.find(room, unused.id, user)).not.toBeNull();
    await sweepAll(store);
    expect(await store.files.find(room, unused.id, user)).toBeNull();
    expect(await store.files.find(room, kept.id, user)).not.toBeNull();
    expect(await leftOf(store, kept)).toBe(999_900);
  });

  test("files of a message that never became a row are released, and those of a message sent again are not", async () => {
    const store = getStore();
    const by = await createUser(store);
    const sent = await upload(store, { user: by.id });
    const { user, room } = sent;
    const [stray, again] = [await upload(store, { user, room }), await upload(store, { user, room })];
    const kept = { room, user, id: "kept" as EventId };
    const [info] = await store.files.attach(kept, [sent.id]);
    if (info === undefined) throw new Error("no file");
    await store.files.attach({ room, user, id: "lost" as EventId }, [stray.id]);
    await store.files.attach({ room, user, id: "again" as EventId }, [again.id]);
    await storeEvents(store, [event(room, 1, { by, kind: "message", id: kept.id, text: "", files: [info] })]);
    expect((await store.files.lookForMessages(inMs(-HOUR_MS), 500)).unsent).toEqual([]);
    const found = async () => {
      const { sent: marked, unsent } = await store.files.lookForMessages(inMs(HOUR_MS), 500);
      return { marked, unsent: unsent.filter((file) => file.room === room) };
    };
    const first = await found();
    expect(first.marked).toBeGreaterThan(0);
    const ofTwo = expect.arrayContaining([
      { id: stray.id, room },
      { id: again.id, room },
    ]);
    expect(first.unsent).toEqual(ofTwo);
    expect(await found()).toEqual({ marked: 0, unsent: ofTwo });
    expect(await store.files.releaseUnsent(inMs(-HOUR_MS), first.unsent)).toBe(0);
    const files = [{ ...info, id: again.id }];
    const late = event(room, 2, { by, kind: "message", id: "again" as EventId, text: "", files });
    await storeEvents(store, [late]);
    expect(await store.files.releaseUnsent(inMs(HOUR_MS), first.unsent)).toBe(1);
    const seen = [sent, stray, again].map(({ id }) => store.files.find(room, id, user));
    expect((await Promise.all(seen)).map((file) => file !== null)).toEqual([true, false, true]);
  });

  test("content goes when no file has it any more, and not while somebody uploads it", async () => {
    const store = getStore();
    const first = await upload(store);
    const second = await upload(store, { hash: first.hash });
    await store.files.delete(first.room, first.id);
    await store.files.sweep({ unfinished: NEVER, unused: NEVER }, 500);
    expect(await orphans(store)).not.toContain(first.hash);
    await store.files.delete(second.room, second.id);
    await store.files.sweep({ unfinished: NEVER, unused: NEVER }, 500);
    const justTaken = await store.files.takeOrphans({ taken: new Date(Date.now() - HOUR_MS), stuck: NEVER }, 500);
    expect(justTaken).not.toContain(first.hash);
    expect(await orphans(store)).toContain(first.hash);
    expect(await orphans(store)).not.toContain(first.hash);
    expect(await store.files.add(newFile({ hash: first.hash }), AMPLE)).toBe("busy");
    expect(await orphans(store, inMs(HOUR_MS))).toContain(first.hash);
    await store.files.forget([first.hash]);
    expect(await store.files.add(newFile({ hash: first.hash }), AMPLE)).toBe("added");
  });
}
