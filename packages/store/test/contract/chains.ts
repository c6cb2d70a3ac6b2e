import { CHAIN_START, chainFaults, type EventId, newId } from "@hubbub/protocol";
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
    expect(await store.chains.seal(young, 3)).toBe(3);
    expect(await store.chains.seal(young, 3)).toBe(1);
    expect(await store.chains.seal(young, 3)).toBe(0);
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
    expect(await store.chains.seal(NOW, 100)).toBe(1);
  });

  test("of two processes that seal at once, one does", async () => {
    const { store, room } = await openRoom(20);
    const outcomes = await Promise.all([1, 2, 3].map(() => store.chains.seal(NOW, 100)));
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
    await store.chains.seal(NOW, 100);
    const { entries: sealed } = await store.chains.links(room, ALL);
    expect(sealed.map(({ salt }) => salt !== null)).toEqual([false, true, true, true]);
    await storeEvents(store, [gone(5, 2), message(room, owner, 6)]);
    await store.chains.seal(NOW, 100);
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
    await store.chains.seal(NOW, 100);
    await storeEvents(store, [edit(4, 2)]);
    await store.chains.seal(NOW, 100);
    const { before, entries } = await store.chains.links(room, ALL);
    expect(entries.map(({ salt }) => salt !== null)).toEqual([false, false, true, true]);
    expect(await chainFaults(before, entries)).toEqual([]);
    const forged = entries.map((entry) => ({ ...entry, event: { ...entry.event, text: "forged" } }));
    expect(await chainFaults(before, forged)).toHaveLength(4);
  });

  test("a changed text, a changed author, a missing row and a lost link are found", async () => {
    const { store, room } = await openRoom(4);
    await store.chains.seal(NOW, 100);
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
