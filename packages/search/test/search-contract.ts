import type { PublicUser, RoomEvent } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import { beforeAll, describe, expect, test } from "vitest";
import { indexFoldContract } from "./index-fold-contract.ts";
import { createUser, index, searcherOf, TestRoom, takeLease } from "./world.ts";

type GetStore = () => Store;

/** What search must do, whichever database the store is on. */
export function searchContract(getStore: GetStore): void {
  describe("the index and the events", () => indexFoldContract(getStore));
  describe("what is found", () => foundContract(getStore));
  describe("operators and rights", () => operatorsContract(getStore));
  describe("the index", () => indexContract(getStore));
}

const TEXTS = [
  "The quick brown fox",
  "an e-mail to 10.0.0.1, please",
  "100% of snake_case and C:\\temp 'quoted'",
  "日本語の検索 と 东京",
  "Ελληνικός λόγος и Привет, мир",
  "Crème BRÛLÉE ＦＵＬＬ",
  "안녕하세요 세계",
  "see https://example.org/a?b=c#d",
];

function foundContract(getStore: GetStore): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await TestRoom.open(getStore());
    await room.say(...TEXTS);
    await index(getStore());
  });

  test.each([
    ["QUICK", 0],
    ["uick bro", 0],
    ['"quick brown"', 0],
    ["e-mail", 1],
    ["0.0.1", 1],
    ["100%", 2],
    ["snake_c", 2],
    ["c:\\t", 2],
    ["'quoted'", 2],
    ["検索", 3],
    ["京", 3],
    ["語の検", 3],
    ["の", 3],
    ["λογος", 4],
    ["ПРИВЕТ", 4],
    ["ир", 4],
    ["creme brulee", 5],
    ["full", 5],
    ["세계", 6],
    ["녕하", 6],
    ["a?b=c", 7],
  ])("%s", async (query, expected) => {
    expect(await searcherOf(getStore()).texts(room.owner, query)).toEqual([TEXTS[expected]]);
  });

  test.each([
    ['"brown quick"'],
    ["1000%"],
    ["snakeXcase"],
    ["10_0"],
    ["%"],
    ["_______________________________________________________________"],
    ["日语"],
    ["'; drop table hubbub.search_documents; --"],
    ["$1"],
    ["\\"],
  ])("%s is not a pattern, and finds what has it only", async (query) => {
    const found = await searcherOf(getStore()).texts(room.owner, query);
    expect(found).toEqual(TEXTS.filter((text) => !query.startsWith('"') && text.includes(query)));
  });

  test("a word that is excluded, also one that the index cannot tell", async () => {
    const { texts } = searcherOf(getStore());
    expect(await texts(room.owner, "e -mail -fox -検索 -мир")).toEqual([TEXTS[7], TEXTS[5], TEXTS[2]]);
  });

  test("ranges of what was found", async () => {
    const [result] = (await searcherOf(getStore()).page(room.owner, "brulee creme l")).results;
    const parts = result?.highlights.map(({ start, end }) => result.text.slice(start, end));
    expect(parts).toEqual(["Crème", "BRÛLÉE", "ＬＬ"]);
  });
}

/** As its row has it: what an event has beyond its text is in `extra`. */
const FILE = { text: "alpha file", broadcast: true, files: [{}] } as Partial<RoomEvent>;

function operatorsContract(getStore: GetStore): void {
  test("author, room, time, links, files and pins", async () => {
    const store = getStore();
    const [one, two] = [await TestRoom.open(store), await TestRoom.open(store)];
    const { owner } = one;
    await store.members.add(two.id, owner.id, "member");
    await one.say("alpha", "alpha https://x.org", FILE);
    await one.say({ kind: "pin", target: 1 }, "alpha last");
    await two.say("alpha other");
    await index(store);
    const { texts } = searcherOf(store);
    expect(await texts(owner, `from:@${two.owner.username.toUpperCase()} alpha`)).toEqual(["alpha other"]);
    expect(await texts(owner, `from:${two.owner.username}`)).toEqual(["alpha other"]);
    expect(await texts(owner, `from:me in:#${one.name}`)).toHaveLength(4);
    expect(await texts(owner, `in:${two.id}`)).toEqual(["alpha other"]);
    expect(await texts(owner, "has:link")).toEqual(["alpha https://x.org"]);
    expect(await texts(owner, "has:file alpha")).toEqual(["alpha file"]);
    expect(await texts(owner, "is:pinned")).toEqual(["alpha"]);
    expect(await texts(owner, `is:pinned in:${one.name}`)).toEqual(["alpha"]);
    expect(await texts(owner, "alpha before:2023-11-14T22:13:22Z")).toHaveLength(2);
    expect(await texts(owner, `alpha after:2023-11-14T22:13:25Z in:${one.name}`)).toEqual(["alpha last"]);
    await one.say({ kind: "pin", target: 1, remove: true });
    await index(store);
    expect(await texts(owner, "is:pinned")).toEqual([]);
  });

  test("only rooms that the user is in, and none from the moment of leaving", async () => {
    const store = getStore();
    const room = await TestRoom.open(store);
    const [seq = 0] = await room.say("the secret of the room");
    await index(store);
    const member = await createUser(store);
    const { texts, page } = searcherOf(store);
    const searches = ["secret", "cr", `from:${room.owner.username}`];
    for (const query of searches) expect(await texts(member, query)).toEqual([]);
    await store.members.add(room.id, member.id, "member");
    for (const query of searches) expect(await texts(member, query)).toEqual(["the secret of the room"]);
    await store.members.leave(room.id, member.id);
    for (const query of searches) expect(await texts(member, query)).toEqual([]);
    expect(await store.search.read(member.id, [{ room: room.id, seq }])).toEqual([]);
    await expect(page(member, `in:${room.name}`)).rejects.toMatchObject({ code: "unknown_room" });
    await expect(page(member, `in:${room.id} x`)).rejects.toMatchObject({ code: "unknown_room" });
    await expect(page(member, "x from:nobody-here")).rejects.toThrow("character 3");
    await expect(page(member, "x", "nonsense")).rejects.toMatchObject({ code: "bad_request" });
  });

  test("nothing from before joining where the room hides it, by words, by filters and by place", async () => {
    const store = getStore();
    const room = await TestRoom.open(store);
    const settings = { history: "joined" } as const;
    await store.rooms.change(room.id, { settings }, { by: room.owner.id });
    const seqs = await room.say("sesame hidden https://x.org", "sesame root", { kind: "pin", target: 1 });
    const member = await createUser(store);
    await store.members.add(room.id, member.id, "member", undefined, seqs.at(-1));
    const [seen = 0] = await room.say("sesame shown", { kind: "edit", target: 2, text: "sesame late edit" });
    await index(store);
    const { texts } = searcherOf(store);
    const searches = ["sesame", "se", `in:${room.name}`, `from:${room.owner.username}`, "sesame -hidden"];
    for (const query of searches)
      expect({ query, found: await texts(member, query) }).toEqual({ query, found: ["sesame shown"] });
    for (const query of ["hidden", "late", "is:pinned", "has:link"]) {
      expect({ query, found: await texts(member, query) }).toEqual({ query, found: [] });
      expect(await texts(room.owner, query)).toHaveLength(1);
    }
    const read = await store.search.read(
      member.id,
      [...seqs, seen].map((seq) => ({ room: room.id, seq })),
    );
    expect(read.map(({ seq }) => seq)).toEqual([seen]);
    await store.rooms.change(room.id, { settings: {} }, { by: room.owner.id });
    expect(await texts(member, "hidden")).toHaveLength(1);
  });
}

function indexContract(getStore: GetStore): void {
  const documentsOf = async (user: PublicUser, room: TestRoom, seqs: readonly number[]) =>
    (
      await getStore().search.scan(
        user.id,
        { needles: [], without: [], users: undefined, rooms: [room.id], after: 0, before: 1e15, flags: 0 },
        { at: 1e15, room: room.id, seq: 0 },
        { documents: 1_000, results: 1_000, timeoutMs: 10_000 },
      )
    ).places.filter(({ seq }) => seqs.includes(seq));

  test("an edit is found by its new text, and a deleted text is in no row", async () => {
    const store = getStore();
    const room = await TestRoom.open(store);
    const [edited = 0, deleted = 0] = await room.say("before the edit", "to be deleted", "stays");
    await index(store);
    const { texts } = searcherOf(store);
    await room.say({ kind: "edit", target: edited, text: "afterwards" }, { kind: "delete", target: deleted });
    // Also before the index knows.
    expect(await texts(room.owner, "deleted")).toEqual([]);
    expect(await texts(room.owner, "before")).toEqual([]);
    await index(store);
    expect(await texts(room.owner, "afterwards")).toEqual(["afterwards"]);
    expect(await documentsOf(room.owner, room, [deleted])).toEqual([]);
    await room.say({ kind: "edit", target: deleted, text: "late edit of the deleted" });
    await index(store);
    expect(await documentsOf(room.owner, room, [deleted])).toEqual([]);
  });

  test("G8 pages are whole and in order, however many rooms and words of any frequency", async () => {
    const store = getStore();
    const rooms = [await TestRoom.open(store), await TestRoom.open(store), await TestRoom.open(store)];
    const [first = rooms[0]] = rooms;
    const { owner } = first ?? { owner: await createUser(store) };
    for (const room of rooms) if (room !== first) await store.members.add(room.id, owner.id, "member");
    const text = (at: number) => `common${at % 50 === 0 ? " seldom" : ""}${at === 7 ? " unique" : ""} ${at}`;
    for (const [nth, room] of rooms.entries()) {
      await room.say(...Array.from({ length: nth === 0 ? 2_600 : 20 }, (_, at) => text(at)));
    }
    await index(store);
    const { all } = searcherOf(store);
    expect(await all(owner, "common")).toHaveLength(2_640);
    const inFirst = `in:${first?.name} `;
    const seldom = await all(owner, `${inFirst}seldom`);
    expect(seldom).toEqual(Array.from({ length: 52 }, (_, at) => 2_551 - 50 * at));
    expect(await all(owner, "unique")).toEqual([8, 8, 8]);
    expect(await all(owner, "niq")).toEqual([8, 8, 8]);
    expect(await all(owner, "-common 1")).toEqual([]);
  });

  test("a lease is held by one, a writer of before commits nothing, and a step may be repeated", async () => {
    const store = getStore();
    const room = await TestRoom.open(store);
    const [seq = 0] = await room.say("once");
    const { searchIndex } = store;
    const former = await takeLease(store);
    const unindexed = await searchIndex.changed(1_000);
    expect(await searchIndex.acquire("rival", 1_000)).toBeNull();
    expect(await searchIndex.acquire("test", 1_000)).toBe(former);
    await searchIndex.release(former);
    const token = (await searchIndex.acquire("rival", 60_000)) ?? 0;
    expect(token).toBeGreaterThan(former);
    const document = { room: room.id, seq, at: 1, user: room.owner.id, text: "once", flags: 0 };
    const write = { documents: [document], removed: [], entries: unindexed.entries, range: null };
    expect(await searchIndex.write(former, write)).toBe(false);
    expect((await searchIndex.changed(1_000)).entries).toEqual(unindexed.entries);
    for (const _ of [1, 2]) expect(await searchIndex.write(token, write)).toBe(true);
    expect((await searchIndex.changed(1_000)).entries).toEqual([]);
    await searchIndex.release(token);
    expect(await documentsOf(room.owner, room, [seq])).toHaveLength(1);
  });

  test("a rebuild brings back what is missing and removes what has no message", async () => {
    const store = getStore();
    const room = await TestRoom.open(store);
    const seqs = await room.say("one", "two", "three");
    await index(store);
    const token = await takeLease(store);
    const stray = { room: room.id, seq: 99, at: 1, user: room.owner.id, text: "stray", flags: 0 };
    const removed = [{ room: room.id, seq: seqs[1] ?? 0 }];
    await store.searchIndex.write(token, { documents: [stray], removed, entries: [], range: null });
    expect(await searcherOf(store).texts(room.owner, "two")).toEqual([]);
    await store.searchIndex.release(token);
    await store.searchIndex.rebuild();
    expect((await store.searchIndex.status(10)).isComplete).toBe(false);
    await index(store, 500);
    expect(await store.searchIndex.status(10)).toEqual({ isReady: true, lag: 0, isComplete: true });
    expect((await documentsOf(room.owner, room, [...seqs, 99])).map(({ seq }) => seq)).toEqual(seqs.toReversed());
  });
}
