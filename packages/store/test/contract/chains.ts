import { CHAIN_START, chainFaults, type EventId, newId, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { createRoom, event, type GetStore, message, messages, storeEvents } from "./fixtures.ts";

const ALL = { from: 1, to: 1_000, limit: 1_000 };
const NOW = 2_000_000_000_000;

export function chainsContract(getStore: GetStore): void {
  const openRoom = async (count: number) => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    await storeEvents(store, messages(room, owner, count));
    await store.chains.begin(room, { by: owner.id });
    return { store, room, owner };
  };

  test("a chained room is sealed in pages, once, up to the events that are old enough", async () => {
    const { store, room, owner } = await openRoom(5);
    const young = 1_700_000_000_004;
    expect(await store.chains.seal(room, young, 3)).toBe(3);
    expect(await store.chains.seal(room, young, 3)).toBe(1);
    expect(await store.chains.seal(room, young, 3)).toBe(0);
    await store.chains.begin(room, { by: owner.id });
    const noted = await store.audit.list({ room, act: "room_chain" }, { cursor: undefined, limit: 9 });
    expect(noted.entries).toMatchObject([{ actor: owner.id }]);
    const { before, entries } = await store.chains.links(room, ALL);
    expect(before).toBe(CHAIN_START);
    expect(entries.map(({ event }) => event["seq"])).toEqual([1, 2, 3, 4]);
    expect(entries[0]?.event).toMatchObject({ text: "text 1", by: { id: owner.id } });
    expect(await chainFaults(before, entries)).toEqual([]);
    expect(await store.chains.end(room)).toEqual({ seq: 4, link: entries.at(-1)?.link });
    expect((await store.chains.links(room, { from: 3, to: 3, limit: 9 })).before).toBe(entries[1]?.link);
    expect(await store.chains.seal(room, NOW, 100)).toBe(1);
  });

  test("of two processes that seal at once, one does", async () => {
    const { store, room } = await openRoom(20);
    const outcomes = await Promise.all([1, 2, 3].map(() => store.chains.seal(room, NOW, 100)));
    expect(outcomes.filter((count) => count === 20)).toHaveLength(1);
    const { before, entries } = await store.chains.links(room, ALL);
    expect(entries).toHaveLength(20);
    expect(await chainFaults(before, entries)).toEqual([]);
  });

  test("a deletion takes the salt with the text, before or behind the sealing, and the chain stays intact", async () => {
    const { store, room, owner } = await openRoom(3);
    const id = (name: string) => name as EventId;
    const gone = (seq: number, target: number) =>
      event(room, seq, { by: owner, kind: "delete", id: id(`d${seq}`), target });
    await storeEvents(store, [gone(4, 1)]);
    await store.chains.seal(room, NOW, 100);
    const { entries: sealed } = await store.chains.links(room, ALL);
    expect(sealed.map(({ salt }) => salt !== null)).toEqual([false, true, true, true]);
    await storeEvents(store, [gone(5, 2), message(room, owner, 6)]);
    await store.chains.seal(room, NOW, 100);
    const { before, entries } = await store.chains.links(room, ALL);
    expect(entries.map(({ salt }) => salt !== null)).toEqual([false, false, true, true, true, true]);
    expect(entries[0]?.commitment).toBeNull();
    expect(entries[1]?.commitment).toBe(sealed[1]?.commitment);
    expect(entries.slice(0, 4).map(({ link }) => link)).toEqual(sealed.map(({ link }) => link));
    expect(await chainFaults(before, entries)).toEqual([]);
  });

  test("a text that an edit replaced leaves the chain intact, also of a message with files or mentions", async () => {
    const { store, room, owner: by } = await openRoom(0);
    await store.rooms.change(room, { settings: { keepRevisions: false } }, { by: by.id });
    const said = (seq: number) =>
      event(room, seq, { by, kind: "message", id: newId<EventId>(), text: "@ann", mentions: { names: ["ann"] } });
    const edit = (seq: number, target: number) =>
      event(room, seq, { by, kind: "edit", id: newId<EventId>(), target, text: "edited" });
    await storeEvents(store, [said(1), said(2), edit(3, 1)]);
    await store.chains.seal(room, NOW, 100);
    await storeEvents(store, [edit(4, 2)]);
    await store.chains.seal(room, NOW, 100);
    const { before, entries } = await store.chains.links(room, ALL);
    expect(entries.map(({ salt }) => salt !== null)).toEqual([false, false, true, true]);
    expect(await chainFaults(before, entries)).toEqual([]);
    const forged = entries.map((entry) => ({ ...entry, event: { ...entry.event, text: "forged" } }));
    expect(await chainFaults(before, forged)).toHaveLength(4);
  });

  test("what names a message that moves after the sealing keeps its link, and says what it names now", async () => {
    const { store, room, owner: by } = await openRoom(0);
    const change = event(room, 20, { by, kind: "edit", id: newId<EventId>(), target: 10, text: "edited" });
    const said = { by, kind: "message", id: newId<EventId>(), text: "reply" } as const;
    const lost = event(room, 30, { ...said, id: newId<EventId>(), was: [10] });
    await storeEvents(store, [change, event(room, 21, { ...said, replyTo: 10, was: [11] })]);
    await store.chains.seal(room, NOW, 100);
    await storeEvents(store, [lost, { ...message(room, by, 31), was: [12] }]);
    await store.chains.seal(room, NOW, 100);
    expect((await store.events.states(room, [30])).states.get(30)?.text).toBe("edited");
    const { before, entries } = await store.chains.links(room, ALL);
    expect(await chainFaults(before, entries)).toEqual([]);
    expect(entries.map(({ event, moved }) => [event["seq"], event["target"] ?? event["replyTo"], moved])).toEqual([
      [20, 10, { target: 30 }],
      [21, 10, { replyTo: 30 }],
      [30, undefined, undefined],
      [31, undefined, undefined],
    ]);
    const forged = entries.map((entry) => ({ ...entry, event: { ...entry.event, target: 30 } }));
    expect(await chainFaults(before, forged)).toContain("seq 20: the link does not follow from its event");
  });

  test("rooms with something to seal are found in the order of their ids, each once a round", async () => {
    const [one, other, young] = [await openRoom(1), await openRoom(1), await openRoom(0)];
    const { store } = one;
    const dueOf = async (): Promise<string[]> => {
      const found: string[] = [];
      let after: RoomId | null = null;
      do {
        const { room, next }: Awaited<ReturnType<typeof store.chains.due>> = await store.chains.due(NOW, after);
        if (room !== null) found.push(room);
        after = next;
      } while (after !== null);
      return found;
    };
    const due = await dueOf();
    expect(due).toEqual([...new Set(due)].sort());
    expect(due).toEqual(expect.arrayContaining([one.room, other.room]));
    expect(due).not.toContain(young.room);
    await store.chains.seal(one.room, NOW, 1);
    expect(await dueOf()).toEqual(due.filter((room) => room !== one.room));
  });

  test("a changed text, a changed author, a missing row and a lost link are found", async () => {
    const { store, room } = await openRoom(4);
    await store.chains.seal(room, NOW, 100);
    const { before, entries } = await store.chains.links(room, ALL);
    const faultsOf = async (change: (copy: typeof entries) => unknown[]) =>
      (await chainFaults(before, change(structuredClone(entries)) as typeof entries)).map((fault) => fault.slice(0, 5));
    const changed = (at: number, fields: object) => (copy: typeof entries) =>
      copy.map((entry, index) => (index === at ? { ...entry, event: { ...entry.event, ...fields } } : entry));
    expect(await faultsOf(changed(1, { text: "forged" }))).toEqual(["seq 2"]);
    expect(await faultsOf(changed(2, { by: { id: room } }))).toEqual(["seq 3"]);
    expect(await faultsOf((copy) => copy.toSpliced(1, 1))).toEqual(["seq 3"]);
    expect(await faultsOf((copy) => copy.map((entry) => ({ ...entry, salt: null })))).toHaveLength(4);
    const rowless = ([first, ...rest]: typeof entries) => [{ ...first, event: { room, seq: 1 } }, ...rest];
    expect(await faultsOf(rowless)).toContain("seq 1");
  });
}
