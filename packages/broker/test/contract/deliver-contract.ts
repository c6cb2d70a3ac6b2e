import { newId, type RoomId, type SessionId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { accept, message, newRoom, type OpenBroker, open, openRoom, record } from "../fixture.ts";

export function deliverContract(create: OpenBroker): void {
  test("after subscribe every event of the room is delivered, as the tail has it and in order", async () => {
    const broker = open(create);
    const heard = record(broker);
    const [room, other] = [await openRoom(broker), await openRoom(broker)];
    await broker.subscribe(room);
    await accept(
      broker,
      ...Array.from({ length: 5 }, (_none, at) => message(room, `${at}`)),
      message(other, "not this"),
    );
    await vi.waitFor(() => expect(heard.frames).toHaveLength(5));
    const tail = await broker.tail(room, 0, 10);
    expect(heard.textsOf(room)).toEqual(tail.map(({ frame }) => frame.toString()));
    expect(heard.textsOf(other)).toEqual([]);
  });

  test("a room is delivered as long as anybody has subscribed to it", async () => {
    const broker = open(create);
    const heard = record(broker);
    const room = newRoom();
    await Promise.all([broker.subscribe(room), broker.subscribe(room)]);
    await broker.unsubscribe(room);
    await broker.publishSignal(room, "kept");
    await vi.waitFor(() => expect(heard.textsOf(room)).toEqual(["kept"]));
    await broker.unsubscribe(room);
    await broker.publishSignal(room, "gone");
    await broker.subscribe(room);
    await broker.publishSignal(room, "back");
    await vi.waitFor(() => expect(heard.textsOf(room)).toEqual(["kept", "back"]));
  });

  test("a user has a channel as a room has one: counted, and of its own", async () => {
    const broker = open(create);
    const heard = record(broker);
    const [user, other] = [newId<UserId>(), newId<UserId>()];
    await Promise.all([broker.subscribe(user), broker.subscribe(user)]);
    await broker.unsubscribe(user);
    await broker.publishSignal(other, "not this");
    await broker.publishSignal(user, "news");
    await vi.waitFor(() => expect(heard.frames).toEqual([{ room: user, frame: "news" }]));
  });

  test("leaving and coming back at once ends subscribed", async () => {
    const broker = open(create);
    const heard = record(broker);
    const room = newRoom();
    await broker.subscribe(room);
    for (let times = 0; times < 20; times += 1) {
      await Promise.all([broker.unsubscribe(room), broker.subscribe(room)]);
      await broker.publishSignal(room, `${times}`);
    }
    await vi.waitFor(() => expect(heard.textsOf(room)).toHaveLength(20));
  });

  test("many rooms at once", async () => {
    const broker = open(create);
    const heard = record(broker);
    const rooms = Array.from({ length: 2_500 }, () => newId<RoomId>());
    await Promise.all(rooms.map((room) => broker.subscribe(room)));
    await Promise.all(rooms.map((room) => broker.publishSignal(room, "x")));
    await vi.waitFor(() => expect(heard.frames).toHaveLength(rooms.length));
    expect(new Set(heard.frames.map(({ room }) => room))).toEqual(new Set(rooms));
  });

  test("unsubscribing more often than subscribing is a fault", async () => {
    const broker = open(create);
    record(broker);
    await expect(broker.unsubscribe(newRoom())).rejects.toThrow("more often");
  });

  test("control messages reach the listener without a subscription", async () => {
    const broker = open(create);
    const heard = record(broker);
    await broker.subscribe(newRoom());
    const session = newId<SessionId>();
    await broker.publishControl({ type: "session-revoked", session });
    await vi.waitFor(() => expect(heard.controls).toEqual([{ type: "session-revoked", session }]));
  });

  test("a durable mark is kept with the head, never falls, and is delivered", async () => {
    const broker = open(create);
    const heard = record(broker);
    const room = await openRoom(broker);
    await accept(broker, ...Array.from({ length: 3 }, (_none, at) => message(room, `${at}`)));
    await broker.subscribe(room);
    await broker.publishMarks(0, [{ room, seq: 2 }]);
    await broker.publishMarks(0, [{ room, seq: 1 }]);
    expect(await broker.heads([room])).toEqual([{ epoch: 1, seq: 3, durable: 2 }]);
    await vi.waitFor(() => expect(heard.textsOf(room)[0]).toBe(`{"type":"durable","room":"${room}","seq":2}`));
  });

  test("events leave the tail up to a seq once a mark covers all that go with them", async () => {
    const broker = open(create);
    record(broker);
    const room = await openRoom(broker);
    await accept(broker, ...Array.from({ length: 6 }, (_none, at) => message(room, `${at}`)));
    const kept = async () => (await broker.tail(room, 0, 50)).map(({ seq }) => seq);
    await broker.publishMarks(0, [{ room, seq: 2 }]);
    expect(await broker.forget(0, [{ room, seq: 3, stored: 6 }])).toEqual([room]);
    expect(await kept()).toEqual(expect.arrayContaining([3, 4, 5, 6]));
    await broker.publishMarks(0, [{ room, seq: 6 }]);
    expect(await broker.forget(0, [{ room, seq: 3, stored: 2 }])).toEqual([room]);
    expect(await kept()).toEqual(expect.arrayContaining([3, 4, 5, 6]));
    await accept(broker, message(room, "next"));
    expect(await broker.forget(0, [{ room, seq: 3, stored: 6 }])).toEqual([]);
    expect((await kept()).filter((seq) => seq <= 3)).toEqual([]);
    expect(await kept()).toContain(7);
    expect(await broker.forget(0, [{ room: newRoom(), seq: 3, stored: 3 }])).toEqual([]);
  });

  test("a mark of a room that the log has forgotten is told and not kept", async () => {
    const broker = open(create);
    const heard = record(broker);
    const room = newRoom();
    await broker.subscribe(room);
    await broker.publishMarks(0, [{ room, seq: 2 }]);
    await vi.waitFor(() => expect(heard.textsOf(room)).toHaveLength(1));
    expect(await broker.heads([room])).toEqual([null]);
  });
}
