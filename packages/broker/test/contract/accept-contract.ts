import { type EventId, encodeEventHead, newId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { accept, ada, BACKLOG_MAX, message, newRoom, type OpenBroker, open, openRoom, seqOf } from "../fixture.ts";

export function acceptContract(create: OpenBroker): void {
  test("G1 a batch is numbered in its order, each room for itself", async () => {
    const broker = open(create);
    const [one, other] = [await openRoom(broker), await openRoom(broker, 40)];
    const results = await accept(
      broker,
      message(one, "a"),
      message(other, "b"),
      message(one, "c"),
      message(other, "d"),
    );
    expect(results.map(seqOf)).toEqual([1, 41, 2, 42]);
    expect(results.map(({ state }) => state)).toEqual(Array(4).fill("accepted"));
    expect((await accept(broker, message(one, "e"))).map(seqOf)).toEqual([3]);
  });

  test("the frame is head and body joined, byte for byte, in tail and log", async () => {
    const broker = open(create);
    const room = await openRoom(broker, 1_999_999_999_999_998);
    const request = message(room, 'ünï "quoted" \\ \u2028 %d %s 🎉');
    const [result] = await accept(broker, request);
    if (result?.state !== "accepted") throw new Error("not accepted");
    expect(result.seq).toBe(1_999_999_999_999_999);
    expect(Math.abs(result.at - Date.now())).toBeLessThan(60_000);
    const frame = encodeEventHead(room, result.epoch, result.seq, result.at) + request.body;
    const [kept] = await broker.tail(room, 0, 10);
    expect(kept?.seq).toBe(result.seq);
    expect(kept?.frame.equals(Buffer.from(frame))).toBe(true);
    const log = await broker.openLog(0);
    expect((await log.read("", 10, 0)).map((entry) => entry.frame)).toEqual([frame]);
    await log[Symbol.asyncDispose]();
  });

  test("G3 an event sent again gets the numbers it had, in the same batch and in a later one", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    const request = message(room, "once");
    const [first, again] = await accept(broker, request, request);
    expect(again).toEqual({ ...first, state: "duplicate" });
    await accept(broker, message(room, "between"));
    expect(await accept(broker, request)).toEqual([{ ...first, state: "duplicate" }]);
    expect(await broker.tail(room, 0, 10)).toHaveLength(2);
  });

  test("G3 the same event id of another user or in another room is another event", async () => {
    const broker = open(create);
    const [room, other] = [await openRoom(broker), await openRoom(broker)];
    const id = newId<EventId>();
    const results = await accept(
      broker,
      message(room, "a", { id }),
      message(room, "a", { id, user: newId<UserId>() }),
      message(other, "a", { id }),
    );
    expect(results.map(({ state }) => state)).toEqual(Array(3).fill("accepted"));
  });

  test("G8 past the backlog's bound nothing is taken, and what was taken is still recognised", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    const taken = Array.from({ length: BACKLOG_MAX }, (_none, at) => message(room, `${at}`));
    const results = await accept(
      broker,
      ...taken,
      message(room, "too much"),
      ...taken.slice(0, 1),
      message(room, "more"),
    );
    const states = results.map(({ state }) => state);
    expect(states.slice(0, BACKLOG_MAX)).toEqual(Array(BACKLOG_MAX).fill("accepted"));
    expect(states.slice(BACKLOG_MAX)).toEqual(["overloaded", "duplicate", "overloaded"]);
    expect((await broker.heads([room]))[0]?.seq).toBe(BACKLOG_MAX);
  });

  test("G8 what the writer has committed makes room, by that many", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    await accept(broker, ...Array.from({ length: BACKLOG_MAX }, (_none, at) => message(room, `${at}`)));
    const log = await broker.openLog(0);
    const [, third] = (await log.read("", 10, 0)).slice(1);
    await log.trim(third?.offset ?? "");
    const more = await accept(broker, ...Array.from({ length: 4 }, (_none, at) => message(room, `more ${at}`)));
    expect(more.map(({ state }) => state)).toEqual(["accepted", "accepted", "accepted", "overloaded"]);
    await log[Symbol.asyncDispose]();
  });

  test("G8 the backlog is bounded in bytes: past it nothing more is taken, however small, until the writer has committed", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    const large = "x".repeat(5_000);
    const batch = [large, large, large, large, large, "small"].map((text) => message(room, text));
    const states = (await accept(broker, ...batch)).map(({ state }) => state);
    expect(states).toEqual(["accepted", "accepted", "accepted", "accepted", "overloaded", "overloaded"]);
    expect(await accept(broker, message(room, "small"))).toEqual([{ state: "overloaded" }]);
    await using log = await broker.openLog(0);
    const entries = await log.read("", 10, 0);
    await log.trim(entries[1]?.offset ?? "");
    const more = await accept(broker, message(room, large), message(room, large), message(room, large));
    expect(more.map(({ state }) => state)).toEqual(["accepted", "accepted", "overloaded"]);
    await log.trim((await log.read(entries[1]?.offset ?? "", 10, 0)).at(-1)?.offset ?? "");
    // One event alone is taken, however large.
    expect((await accept(broker, message(room, "x".repeat(40_000)))).map(({ state }) => state)).toEqual(["accepted"]);
  });

  test("G6 a room without an epoch is refused, and holds up no other", async () => {
    const broker = open(create);
    const [unknown, known] = [newRoom(), await openRoom(broker)];
    const results = await accept(broker, message(unknown, "a"), message(known, "b"), message(unknown, "c"));
    expect(results[0]).toEqual({ state: "uninitialised", head: 0 });
    expect(results[1]?.state).toBe("accepted");
    expect(results[2]).toEqual({ state: "uninitialised", head: 0 });
    expect(await broker.heads([unknown, known])).toMatchObject([null, { epoch: 1, seq: 1 }]);
  });

  test("G6 a room behind what the caller has seen is refused, then numbered above it in a higher epoch", async () => {
    const broker = open(create);
    const room = await openRoom(broker, 5);
    const request = message(room, "a", { seen: 9 });
    const refused = { state: "uninitialised", head: 5 };
    expect(await accept(broker, request, message(room, "b"))).toEqual([refused, refused]);
    const head = await broker.initialise(room, { epoch: 1, head: 7, seen: 9 });
    expect(head).toMatchObject({ epoch: 2, seq: 9 });
    const [result] = await accept(broker, request);
    expect(result).toMatchObject({ state: "accepted", epoch: 2, seq: 10 });
  });

  test("G3 a room in another epoch than the caller knows takes nothing from it, and nothing is recognised there", async () => {
    const broker = open(create);
    const [room, other] = [newRoom(), await openRoom(broker)];
    await broker.initialise(room, { epoch: 3, head: 10 });
    const request = message(room, "a", { epoch: 3 });
    expect((await accept(broker, request)).map(seqOf)).toEqual([11]);
    const late = [{ ...request, epoch: 2 }, message(room, "b", { epoch: 2 }), message(other, "c", { epoch: 1 })];
    const results = await accept(broker, ...late);
    expect(results.slice(0, 2)).toEqual(Array(2).fill({ state: "restarted", epoch: 3 }));
    expect(results[2]?.state).toBe("accepted");
    expect((await accept(broker, message(room, "d"), request)).map(seqOf)).toEqual([12, 11]);
  });

  test("G6 the first to initialise wins; everybody is told what holds", async () => {
    const broker = open(create);
    const room = newRoom();
    expect(await broker.initialise(room, { epoch: 3, head: 10 })).toEqual({ epoch: 3, seq: 10, durable: 0 });
    await accept(broker, message(room, "a"));
    expect(await broker.initialise(room, { epoch: 4, head: 1_000_010 })).toEqual({ epoch: 3, seq: 11, durable: 0 });
  });

  test("an author's id does not have to be a UUID of ours", async () => {
    const broker = open(create);
    const room = await openRoom(broker);
    const request = message(room, "a", { id: "-_x".repeat(21) as EventId, user: ada.id });
    expect((await accept(broker, request, request)).map(({ state }) => state)).toEqual(["accepted", "duplicate"]);
  });
}
