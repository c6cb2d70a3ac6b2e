import {
  type EventId,
  encodeEventBody,
  newId,
  type RoomId,
  type ServerFrame,
  type ServerFrameOf,
} from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import type { TestClient } from "../test/test-client.ts";
import { openWorld, say, startTestGateway, type TestGateway, upTo } from "../test/test-gateway.ts";
import { HeadFeeds } from "./head-feeds.ts";
import type { LiveRoom } from "./rooms/live-room.ts";

const world = await openWorld();
const [ann, bob] = [await world.user(), await world.user()];

const headsOf = (client: TestClient, room: RoomId) =>
  client.frames.filter((frame): frame is ServerFrameOf<"head"> => frame.type === "head" && frame.room === room);

async function publish({ acceptor }: TestGateway, room: RoomId, body: object) {
  const id = newId<EventId>();
  const by = { id: ann.id, username: ann.username };
  return await acceptor.accept({ room, user: ann.id, id, body: encodeEventBody({ by, id, ...body } as never) });
}

test("a room in head mode tells the newest message instead of events, and goes on with events from there", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const client = await gateway.as(bob);
  const subscribed = await client.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  expect(subscribed).toMatchObject({ room, mode: "head", recovered: true });
  await say(gateway, room, ann, 3, "hello");
  const head = await client.find((frame) => frame.type === "head" && frame.seq === subscribed.head + 3);
  expect(head).toMatchObject({ by: { id: ann.id }, preview: "hello", at: expect.any(Number) });
  expect(client.seqs(room)).toEqual([]);
  const { seq, epoch } = head as ServerFrameOf<"head">;
  await say(gateway, room, ann, 1, "more");
  await client.ask({ type: "subscribe", room, since: { seq, epoch } }, "subscribed");
  await say(gateway, room, ann, 1, "live");
  await client.find((frame) => frame.type === "event" && frame.seq === seq + 2);
  expect(client.seqs(room)).toEqual([seq + 1, seq + 2]);
  const before = headsOf(client, room).length;
  await client.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  await say(gateway, room, ann, 1, "head again");
  await vi.waitFor(() => expect(headsOf(client, room).length).toBe(before + 1), { timeout: 10_000 });
  expect(client.seqs(room)).toHaveLength(2);
  await client.ask({ type: "unsubscribe", room }, "unsubscribed");
  const staying = await gateway.as(ann);
  await staying.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  await say(gateway, room, ann, 1, "gone");
  await staying.find((frame) => frame.type === "head");
  await client.ask({ type: "ping" }, "pong");
  expect(headsOf(client, room)).toHaveLength(before + 1);
});

test("a head names what all messages since the last one mention, and shows no deleted text", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const client = await gateway.as(bob);
  const { head } = await client.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  await Promise.all([
    publish(gateway, room, { kind: "message", text: "one @bob", mentions: { names: ["bob"] } }),
    publish(gateway, room, { kind: "message", text: "two", mentions: { names: ["cat", "bob"], room: true } }),
    publish(gateway, room, { kind: "message", text: "secret" }),
    publish(gateway, room, { kind: "delete", target: head + 3 }),
    publish(gateway, room, { kind: "message", text: "in a thread", thread: head + 1 }),
    publish(gateway, room, { kind: "react", target: head + 1, emoji: "👍" }),
  ]);
  await client.find((frame) => frame.type === "head" && frame.seq === head + 6);
  const frames = headsOf(client, room);
  const names = new Set(frames.flatMap(({ mentions }) => mentions?.names ?? []));
  expect(names).toEqual(new Set(["bob", "cat"]));
  expect(frames.some(({ mentions }) => mentions?.room === true)).toBe(true);
  expect(JSON.stringify(frames)).not.toContain("secret");
});

test("a room is encoded at most once a second, whatever the number of its events and listeners", () => {
  const published: string[] = [];
  const feeds = new HeadFeeds({ publish: (_topic, frame) => published.push(frame), hasListeners: () => true });
  const room = { id: newId<RoomId>(), epoch: 1, last: 0, ring: { floor: 0, after: () => [] } };
  for (let listeners = 0; listeners < 100; listeners += 1)
    feeds.add({ addTopic: () => undefined } as never, room as unknown as LiveRoom);
  feeds.tell(10_000);
  expect(published).toHaveLength(0);
  for (let ms = 10_000; ms < 13_000; ms += 100) {
    room.last += 10;
    feeds.tell(ms);
  }
  expect(published.map((frame) => JSON.parse(frame).seq)).toEqual([10, 110, 210]);
});

test("a member who is removed gets no more heads", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const client = await gateway.as(bob);
  await client.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  await gateway.broker.publishControl({ type: "member-removed", room, user: bob.id });
  await client.find((frame) => frame.type === "removed");
  await say(gateway, room, ann, 1);
  const staying = await gateway.as(ann);
  await staying.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
  await say(gateway, room, ann, 1);
  await staying.find((frame) => frame.type === "head");
  expect(headsOf(client, room)).toEqual([]);
});

test("a client in 500 rooms comes back with two frames: hello, and one subscribe with an answer for each room", async () => {
  await using gateway = await startTestGateway(world, { FRAMES_PER_SECOND: "200" });
  const rooms = await Promise.all(upTo(500).map(() => world.room(bob)));
  const open = rooms[0] as RoomId;
  await say(gateway, open, bob, 3);
  const client = await gateway.client();
  let sent = 0;
  const send = client.socket.send.bind(client.socket);
  client.socket.send = ((...args: Parameters<typeof send>) => {
    sent += 1;
    send(...args);
  }) as typeof send;
  await client.ask({ type: "hello", token: await bob.token(), personal: true }, "ready");
  const list = rooms.map((room) => ({ room }));
  const position = { seq: 1, epoch: 1 };
  client.send({
    type: "subscribe",
    mode: "head",
    rooms: [{ room: open, mode: "events", since: position }, ...list.slice(1), { room: newId<RoomId>() }],
  });
  const isAnswer = (frame: ServerFrame) => frame.type === "subscribed" || frame.type === "error";
  await vi.waitFor(() => expect(client.frames.filter(isAnswer)).toHaveLength(501), { timeout: 20_000 });
  expect(sent).toBe(2);
  expect(client.seqs(open)).toEqual([2, 3]);
  expect(client.frames.filter(({ type }) => type === "error")).toMatchObject([{ code: "not_member", ref: 2 }]);
  // One statement for all of them: the HTTP call `GET /me/state` asks nothing else of the store.
  const [state] = await world.store.unread.states([{ user: bob.id, since: undefined, after: undefined }], 1_000);
  expect(state?.rooms.length).toBeGreaterThanOrEqual(500);
});

test("G8 the rooms of lists have a rate of their own for each user", async () => {
  await using gateway = await startTestGateway(world);
  const codes = new Set<string>();
  for (let lists = 0; lists < 20 && !codes.has("rate_limited"); lists += 1) {
    const client = await gateway.as(ann);
    const rooms = upTo(1_000).map(() => ({ room: newId<RoomId>() }));
    const answer = await client.ask({ type: "subscribe", mode: "head", rooms }, "error");
    codes.add(answer.code);
    client.close();
  }
  expect(codes).toEqual(new Set(["not_member", "rate_limited"]));
});
