import { createHash } from "node:crypto";
import { derivedRoomId, type EventBody, type EventId, newId, QUERIES_AUTHOR, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import {
  createRoom,
  createUser,
  event,
  fresh,
  freshNumber,
  type GetStore,
  HOUR_MS,
  inMs,
  storeEvents,
} from "./fixtures.ts";

const BY = { by: "operator" } as const;
const LONG_MS = 60_000;
const PLENTY = { sources: 1_000, queries: 100_000 };

export function flowsContract(getStore: GetStore): void {
  const query = (source: RoomId, since = 0, wantedUntil = inMs(HOUR_MS)) => {
    const hash = createHash("sha256").update(`${source}/${freshNumber()}`).digest("hex");
    return {
      room: derivedRoomId(hash),
      source,
      hash,
      modelVersion: 0,
      filter: { op: "has", f: "text" },
      since,
      wantedUntil,
    };
  };
  /** Takes every source that is free, and returns the lease of this one. */
  const take = async (source: RoomId, owner: string, ttlMs = LONG_MS) =>
    (await getStore().flows.acquire(owner, PLENTY, ttlMs)).find((lease) => lease.source === source);

  test("a query is made once, is kept wanted, and begins again when it was not", async () => {
    const { flows } = getStore();
    const { room: source } = await createRoom(getStore());
    const first = query(source, 5);
    expect(await flows.want(first, 9)).toMatchObject({ room: first.room, source, since: 5, told: null });
    await flows.told(first.room, 5);
    expect(await flows.want({ ...first, since: 7 }, 9)).toMatchObject({ since: 5, told: 5 });
    const short = query(source, 5, inMs(-1));
    await flows.want(short, 9);
    await flows.told(short.room, 5);
    expect(await flows.queriesOf([source], 9)).toMatchObject([{ room: first.room }]);
    expect(await flows.want({ ...short, since: 5, wantedUntil: inMs(HOUR_MS) }, 9)).toMatchObject({
      since: 5,
      told: null,
    });
    expect(await flows.queriesOf([source], 9)).toHaveLength(2);
    expect([...(await flows.derivedOf(source))].sort()).toEqual([first.room, short.room].sort());
  });

  test("a source has at most so many wanted queries", async () => {
    const { flows } = getStore();
    const { room: source } = await createRoom(getStore());
    const first = query(source);
    await flows.want(first, 2);
    await flows.want(query(source), 2);
    await flows.want(query(source, 0, inMs(-1)), 3);
    await expect(flows.want(query(source), 2)).rejects.toMatchObject({ code: "too_many_queries" });
    expect(await flows.want(first, 2)).toMatchObject({ room: first.room });
  });

  test("a source has one owner, who notes the position; an earlier owner notes nothing", async () => {
    const { flows } = getStore();
    const { room: source } = await createRoom(getStore());
    await flows.want(query(source, 3), 9);
    const first = await take(source, "one", 0);
    expect(first).toMatchObject({ source, seq: 3 });
    const second = await take(source, "two");
    expect(second?.token).toBe((first?.token ?? 0) + 1);
    expect(await take(source, "three")).toBeUndefined();
    if (first === undefined || second === undefined) throw new Error("nobody has the source");
    expect(await flows.renew("one", [{ ...first, seq: 9 }], LONG_MS)).toEqual(new Set());
    expect(await flows.renew("two", [{ ...second, seq: 7 }], LONG_MS)).toEqual(new Set([source]));
    await flows.release("two", [{ ...second, seq: 6 }]);
    expect(await take(source, "three")).toMatchObject({ seq: 7 });
  });

  test("a source whose queries do not fit is neither taken nor read in part", async () => {
    const { flows } = getStore();
    const { room: small } = await createRoom(getStore());
    const { room: large } = await createRoom(getStore());
    await flows.want(query(small), 9);
    for (let at = 0; at < 3; at += 1) await flows.want(query(large), 9);
    const read = async (sources: readonly RoomId[], max: number) =>
      (await flows.queriesOf(sources, max)).map(({ source }) => source);
    expect(await read([small, large], 3)).toEqual([small]);
    expect(await read([small, large], 4)).toHaveLength(4);
    expect(await read([large, small], 2)).toEqual([]);
    const taken = await flows.acquire("narrow", { sources: 1_000, queries: 2 }, LONG_MS);
    expect(taken.length).toBeLessThanOrEqual(2);
    expect(taken.map(({ source }) => source)).not.toContain(large);
    expect(await take(large, "wide")).toMatchObject({ source: large });
  });

  test("members of the source are guests of a derived room, and nobody else", async () => {
    const store = getStore();
    const { room: source, owner } = await createRoom(store);
    const stranger = await createUser(store);
    const wanted = query(source);
    await store.flows.want(wanted, 9);
    const standings = () =>
      store.members.standings([owner, stranger].map(({ id: user }) => ({ room: wanted.room, user })));
    expect(await standings()).toMatchObject([{ role: "guest", from: 0 }, null]);
    await store.rooms.close(source, BY);
    expect(await standings()).toEqual([null, null]);
    expect(await store.rooms.find(wanted.room)).toBeNull();
    await store.rooms.reopen(source, inMs(-HOUR_MS), BY);
    expect(await standings()).toMatchObject([{ role: "guest" }, null]);
  });

  test("who leaves the source is news in its derived rooms", async () => {
    const store = getStore();
    const { room: source } = await createRoom(store);
    const { id: user } = await createUser(store);
    await store.members.add(source, user, "member");
    const wanted = query(source);
    await store.flows.want(wanted, 9);
    await store.members.leave(source, user);
    const news = (await store.untoldChanges.list(1_000)).filter((change) => change.user === user);
    expect(news).toMatchObject([
      { room: source, isMember: false },
      { room: wanted.room, isMember: false },
    ]);
  });

  test("a query that nobody has wanted for long is forgotten with its room, and can come back", async () => {
    const store = getStore();
    const { room: source } = await createRoom(store);
    const old = query(source, 0, inMs(-HOUR_MS));
    await store.flows.want(old, 9);
    expect(await store.flows.forget(inMs(-2 * HOUR_MS), 100)).toBe(0);
    expect(await store.flows.forget(new Date(), 100)).toBeGreaterThan(0);
    expect(await store.flows.derivedOf(source)).toEqual([]);
    expect(await store.rooms.find(old.room)).toBeNull();
    await store.flows.want({ ...old, wantedUntil: inMs(HOUR_MS) }, 9);
    expect(await store.rooms.find(old.room)).not.toBeNull();
  });

  test("what standing queries write has their author's name as a row, too", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const body: EventBody = { by: QUERIES_AUTHOR, kind: "data", id: newId<EventId>(), rows: [{ price: 1 }], from: 7 };
    await storeEvents(store, [event(room, 1, body)]);
    expect(await store.events.page(room, { after: 0, limit: 9 })).toMatchObject([{ ...body, by: QUERIES_AUTHOR }]);
  });

  test("the version of a model rises with a change, and the audit has the act", async () => {
    const store = getStore();
    const { room } = await createRoom(store);
    const fields = { [fresh("field")]: { type: "number" } };
    expect(await store.flows.model(room)).toBeNull();
    expect(await store.flows.setModel(room, fields, BY)).toEqual({ version: 1, fields });
    expect((await store.flows.setModel(room, fields, BY)).version).toBe(1);
    expect((await store.flows.setModel(room, { ...fields, other: { type: "string" } }, BY)).version).toBe(2);
    expect((await store.audit.list({ room, act: "room_model" }, { cursor: undefined, limit: 9 })).entries).toHaveLength(
      3,
    );
  });
}
