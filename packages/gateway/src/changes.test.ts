import { type EventId, encodeEventBody, newId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { openWorld, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const [ann, bob] = [await world.user(), await world.user()];
const id = () => newId<EventId>();

async function open() {
  const gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const [author, other] = [await gateway.as(ann), await gateway.as(bob)];
  for (const client of [author, other]) await client.ask({ type: "subscribe", room }, "subscribed");
  const { seq } = await author.ask({ type: "publish", room, id: id(), text: "first" }, "ack");
  return { gateway, room, author, other, target: seq };
}

test("a change is an event of the room, delivered to all of it in its order", async () => {
  const { gateway, room, author, other, target } = await open();
  await using _gateway = gateway;
  await author.ask({ type: "edit", room, id: id(), target, text: "second" }, "ack");
  await other.ask({ type: "react", room, id: id(), target, emoji: "👍" }, "ack");
  await author.ask({ type: "pin", room, id: id(), target }, "ack");
  await author.ask({ type: "delete", room, id: id(), target }, "ack");
  await expect.poll(() => other.seqs(room)).toEqual([1, 2, 3, 4, 5]);
  const kinds = other.frames.flatMap((frame) => (frame.type === "event" ? [frame.kind] : []));
  expect(kinds).toEqual(["message", "edit", "react", "pin", "delete"]);
});

test("a change sees what was accepted before it, stored or not", async () => {
  const { gateway, room, author, target } = await open();
  await using _gateway = gateway;
  const first = await author.ask({ type: "edit", room, id: id(), target, text: "second", baseSeq: target }, "ack");
  const stale = { type: "edit", room, target, text: "third", baseSeq: target } as const;
  expect(await author.ask({ ...stale, id: id() }, "error")).toMatchObject({
    code: "conflict",
    current: { seq: first.seq, text: "second" },
  });
  await author.ask({ ...stale, id: id(), baseSeq: first.seq }, "ack");
  await author.ask({ type: "delete", room, id: id(), target }, "ack");
  expect(await author.ask({ type: "react", room, id: id(), target, emoji: "👍" }, "error")).toMatchObject({
    code: "unknown_message",
  });
});

test("an edit that is sent again after its ack was lost keeps its seq", async () => {
  const { gateway, room, author, target } = await open();
  await using _gateway = gateway;
  const edit = { type: "edit", room, id: id(), target, text: "second", baseSeq: target } as const;
  const { seq } = await author.ask(edit, "ack");
  expect(await author.ask(edit, "ack")).toMatchObject({ seq, duplicate: true });
});

test("G3 a change whose ack was lost keeps its seq, whatever was accepted behind it", async () => {
  const { gateway, room, author, other, target } = await open();
  await using _gateway = gateway;
  const edit = { type: "edit", room, id: id(), target, text: "second", baseSeq: target } as const;
  const react = { type: "react", room, id: id(), target, emoji: "👍" } as const;
  const edited = await author.ask(edit, "ack");
  await author.ask({ ...edit, id: id(), text: "third", baseSeq: edited.seq }, "ack");
  expect(await author.ask(edit, "ack")).toMatchObject({ seq: edited.seq, duplicate: true });
  const reacted = await other.ask(react, "ack");
  await author.ask({ type: "delete", room, id: id(), target }, "ack");
  expect(await other.ask(react, "ack")).toMatchObject({ seq: reacted.seq, duplicate: true });
  expect(await author.ask(react, "error")).toMatchObject({ code: "unknown_message" });
  await expect.poll(() => other.seqs(room)).toEqual([1, 2, 3, 4, 5]);
});

test("G3 a change whose ack and whose message's seq were lost with the log keeps its seq, stored or not", async () => {
  const { gateway, room, author } = await open();
  await using _gateway = gateway;
  const edit = { type: "edit", id: id(), target: 999, text: "second" } as const;
  const [user, by] = [ann.id, { id: ann.id, username: ann.username }];
  const body = encodeEventBody({ by, kind: edit.type, id: edit.id, target: edit.target, text: edit.text });
  const { seq } = await gateway.acceptor.accept({ room, user, id: edit.id, body });
  expect(await author.ask({ ...edit, room }, "ack")).toMatchObject({ seq, duplicate: true });
  expect(await author.ask({ ...edit, room, id: id() }, "error")).toMatchObject({ code: "unknown_message" });
});

test("G1 what is sent behind a change in the same burst comes behind it", async () => {
  const { gateway, room, author, target } = await open();
  await using _gateway = gateway;
  author.send({ type: "edit", room, id: id(), target, text: "second" });
  author.send({ type: "publish", room, id: id(), text: "behind" });
  await expect.poll(() => author.seqs(room)).toEqual([1, 2, 3]);
  const events = author.frames.filter((frame) => frame.type === "event");
  expect(events.map(({ kind }) => kind)).toEqual(["message", "edit", "message"]);
});

test.each(["edit", "delete", "pin"] as const)("another member may not %s a message", async (type) => {
  const { gateway, room, other, target } = await open();
  await using _gateway = gateway;
  const frame = type === "edit" ? ({ type, text: "x" } as const) : ({ type } as const);
  expect(await other.ask({ ...frame, room, id: id(), target }, "error")).toMatchObject({ code: "forbidden" });
});

test("a connection that resumes in front of a deleted message gets no text of it", async () => {
  const { gateway, room, author, other, target } = await open();
  await using _gateway = gateway;
  await author.ask({ type: "delete", room, id: id(), target }, "ack");
  await expect.poll(() => other.seqs(room)).toEqual([1, 2]);
  const lease = await world.store.shards.acquire(0, "test", 60_000);
  if (lease === null) throw new Error("somebody else writes");
  const events = other.frames.flatMap((frame) => (frame.type === "event" ? [frame] : []));
  await world.store.events.append({ lease, offset: newId(), events });
  await gateway.broker.publishMarks(0, [{ room, seq: 2 }]);
  expect(await gateway.broker.forget(0, [{ room, seq: 2, stored: 2 }])).toEqual([]);
  await gateway.broker.publishControl({ type: "texts-deleted", rooms: [room] });
  await other.find((frame) => frame.type === "durable" && frame.seq === 2);
  const late = await gateway.as(bob);
  await late.ask({ type: "subscribe", room, since: { epoch: 1, seq: 0 } }, "subscribed");
  await expect.poll(() => late.seqs(room)).toEqual([1, 2]);
  expect(await late.find((frame) => frame.type === "event" && frame.seq === 1)).toMatchObject({ text: "" });
});

test("a thread message names its root", async () => {
  const { gateway, room, author, other, target } = await open();
  await using _gateway = gateway;
  await author.ask({ type: "publish", room, id: id(), text: "in the thread", thread: target, broadcast: true }, "ack");
  const event = await other.find((frame) => frame.type === "event" && frame.seq === 2);
  expect(event).toMatchObject({ kind: "message", thread: target, broadcast: true });
  for (const named of [{ thread: 2 }, { thread: 99 }, { replyTo: 99 }]) {
    const refused = await author.ask({ type: "publish", room, id: id(), text: "no root", ...named }, "error");
    expect(refused).toMatchObject({ code: "unknown_message" });
  }
});

/** A gateway that lets `@room` mention two members, and the mentions of what `ann` says there. */
async function openSmall(limit = "2") {
  const gateway = await startTestGateway(world, { MENTION_ALL_MAX_MEMBERS: limit });
  const exceed = vi.spyOn(world.store.members, "exceed");
  onTestFinished(() => exceed.mockRestore());
  const room = await world.room(ann, bob);
  const [author, other] = [await gateway.as(ann), await gateway.as(bob)];
  for (const client of [author, other]) await client.ask({ type: "subscribe", room }, "subscribed");
  const mentionsOf = async (text: string, named: object = {}, by = author) => {
    const { seq } = await by.ask({ type: "publish", room, id: id(), text, ...named }, "ack");
    const event = await other.find((frame) => frame.type === "event" && frame.seq === seq);
    return (event as { mentions?: object }).mentions;
  };
  return { gateway, room, exceed, other, mentionsOf };
}

test("in a room of more members than the setting @room and @here are plain text, and names are not", async () => {
  const { gateway, room, mentionsOf } = await openSmall();
  await using _gateway = gateway;
  expect(await mentionsOf("@room and @HERE")).toEqual({ room: true, here: true });
  await world.store.members.add(room, (await world.user()).id, "member");
  expect(await mentionsOf("@room and @HERE")).toBeUndefined();
  expect(await mentionsOf("@room and @bob", { thread: 1 })).toEqual({ names: ["bob"] });
});

test("members are counted only for @room and @here of somebody who may use them", async () => {
  const { gateway, exceed, other, mentionsOf } = await openSmall();
  await using _gateway = gateway;
  for (const text of ["plain", "@bob", "@rooms", "see room and here", "a@b.here"]) await mentionsOf(text);
  await mentionsOf("@room", {}, other);
  expect(exceed.mock.calls.length).toBe(0);
  await mentionsOf("now @here.");
  expect(exceed.mock.calls.length).toBe(1);
  const { gateway: unbounded, ...without } = await openSmall("0");
  await using _unbounded = unbounded;
  expect(await without.mentionsOf("@room")).toEqual({ room: true });
  expect(without.exceed.mock.calls.length).toBe(1);
});

test("while the store is away @room mentions whoever is there, and what is sent behind it comes behind it", async () => {
  const { gateway, room, exceed, mentionsOf, other } = await openSmall("1");
  await using _gateway = gateway;
  exceed.mockImplementation(async () => {
    throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
  });
  const [all, plain] = await Promise.all([mentionsOf("@room"), mentionsOf("behind")]);
  expect([all, plain]).toEqual([{ room: true }, undefined]);
  const texts = other.frames.flatMap((frame) => (frame.type === "event" && "text" in frame ? [frame.text] : []));
  expect(texts).toEqual(["@room", "behind"]);
  expect(other.seqs(room)).toEqual([1, 2]);
});
