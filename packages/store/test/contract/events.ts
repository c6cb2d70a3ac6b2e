import { type EventBody, type EventId, newId, type PublicUser, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { isUnavailable } from "../../src/unavailable.ts";
import { createRoom, createUser, event, type GetStore, message, messages, storeEvents, takeLease } from "./fixtures.ts";

const id = () => newId<EventId>();

function oneOfEachKind(by: PublicUser): EventBody[] {
  return [
    { by, kind: "message", id: id(), text: `quotes " ' \\ {braces}, null\nand 👋` },
    { by, kind: "message", id: id(), text: "NULL", replyTo: 1 },
    { by, kind: "edit", id: id(), target: 1, text: "" },
    { by, kind: "delete", id: id(), target: 99 },
    { by, kind: "react", id: id(), target: 2, emoji: "👍" },
    { by, kind: "react", id: id(), target: 2, emoji: "👍", remove: true },
    { by, kind: "join", id: id(), user: by.id },
    { by, kind: "leave", id: id(), user: by.id },
    { by, kind: "room", id: id(), name: "a name", topic: "" },
    { by, kind: "tombstone", id: id() },
  ];
}

export function eventsContract(getStore: GetStore): void {
  test("G5 history gives back every kind of event exactly as it was accepted", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const events = oneOfEachKind(owner).map((body, index) => event(room, index + 1, body));
    await storeEvents(store, events);
    expect(await store.events.page(room, { after: 0, limit: 50 })).toEqual(events);
  });

  test("G5 a page rises by seq whichever side is asked for, and pages meet without overlap", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const other = await createRoom(store);
    const events = messages(room, owner, 25);
    await storeEvents(store, [...events.toReversed(), ...messages(other.room, other.owner, 3)]);
    const { page } = store.events;
    expect(await page(room, { after: 0, limit: 10 })).toEqual(events.slice(0, 10));
    expect(await page(room, { after: 10, limit: 10 })).toEqual(events.slice(10, 20));
    expect(await page(room, { after: 20, limit: 10 })).toEqual(events.slice(20));
    expect(await page(room, { before: 26, limit: 10 })).toEqual(events.slice(15));
    expect(await page(room, { before: 4, limit: 10 })).toEqual(events.slice(0, 3));
    expect(await page(room, { after: 25, limit: 10 })).toEqual([]);
    expect(await page(newId<RoomId>(), { after: 0, limit: 10 })).toEqual([]);
  });

  test("G2 an event is shown after its author was deleted", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const gone = { id: newId<UserId>(), username: "gone" };
    await storeEvents(store, [message(room, gone, 1)]);
    const [shown] = await store.events.page(room, { after: 0, limit: 1 });
    expect(shown?.by).toEqual({ id: gone.id, username: "unknown" });
  });

  test("the head is the newest seq, and the newest epoch also when it has no event yet", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    expect(await store.events.head(room)).toEqual({ seq: 0, epoch: 0 });
    await storeEvents(store, messages(room, owner, 3));
    expect(await store.events.head(room)).toEqual({ seq: 3, epoch: 1 });
    await store.rooms.beginEpoch(room, 3, 0);
    const { epoch } = await store.rooms.beginEpoch(room, 3, 0);
    expect(await store.events.head(room)).toEqual({ seq: 3, epoch });
    expect(await store.events.head(newId<RoomId>())).toEqual({ seq: 0, epoch: 0 });
  });

  test("G3 existing rows stay unchanged, and new rows beside them are stored", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const [first, second, third] = [1, 2, 3].map((seq) => message(room, owner, seq, `first ${seq}`));
    if (first === undefined || second === undefined || third === undefined) throw new Error("three messages");
    const lease = await takeLease(store);
    await store.events.append({ lease, offset: "1-0", events: [first, second] });
    const replay = [message(room, owner, 1, "replayed"), second, third];
    await store.events.append({ lease: { ...lease, offset: "1-0" }, offset: "2-0", events: replay });
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([first, second, third]);
  });

  test("G3 stored events are found with their numbers, of this room and these authors only", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const other = await createRoom(store);
    const events = messages(room, owner, 20);
    await storeEvents(store, events);
    const asked = [events[4], events[15], message(room, owner, 99), message(other.room, other.owner, 3)];
    const keys = asked.map((one) => ({ user: one?.by.id ?? owner.id, id: one?.id ?? id() }));
    const numbers = (at: number) => {
      const { seq, epoch, at: time } = events[at] ?? message(room, owner, 0);
      return { user: owner.id, id: events[at]?.id, seq, epoch, at: time };
    };
    const { stored } = store.events;
    const bySeq = (rows: readonly { seq: number }[]) => [...rows].sort((one, two) => one.seq - two.seq);
    expect(bySeq(await stored(room, { after: 0 }, keys))).toEqual([numbers(4), numbers(15)]);
    expect(await stored(room, { after: 5 }, keys)).toEqual([numbers(15)]);
    expect(await stored(room, { newest: 5 }, keys)).toEqual([numbers(15)]);
    expect(bySeq(await stored(room, { newest: 16 }, keys))).toEqual([numbers(4), numbers(15)]);
    expect(await stored(other.room, { after: 0 }, keys)).toEqual([]);
    expect(await stored(room, { after: 0 }, [{ user: other.owner.id, id: events[4]?.id ?? id() }])).toEqual([]);
    expect(await stored(room, { after: 0 }, [])).toEqual([]);
  });

  test("G2 a row that Postgres cannot hold fails its batch whole, and no retry cures it", async () => {
    const store = getStore();
    const { room, owner } = await createRoom(store);
    const lease = await takeLease(store);
    const poison = message(room, owner, 2, "nul \u0000");
    const events = [message(room, owner, 1), poison];
    const failure: unknown = await store.events.append({ lease, offset: "1-0", events }).catch((error) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(isUnavailable(failure)).toBe(false);
    expect(await store.events.page(room, { after: 0, limit: 9 })).toEqual([]);
    const author = await createUser(store);
    await store.events.append({ lease, offset: "1-0", events: [message(room, author, 1)] });
  });
}
