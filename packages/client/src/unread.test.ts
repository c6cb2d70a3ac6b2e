import type { ClientFrameOf, PersonalFrame, RoomId } from "@hubbub/protocol";
import { newId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { FakeServer, ROOM } from "../test/fake-server.ts";
import { startWired } from "../test/wired.ts";
import { createClient } from "./client.ts";
import type { Head } from "./head-follower.ts";

/** A server that takes heads: answers each room of a list, and refuses `closed`. */
async function start(closed?: RoomId) {
  const server = new FakeServer();
  server.intercept = (frame, connection) => {
    if (frame.type !== "subscribe" || frame.rooms === undefined) return;
    const { ref } = frame;
    for (const { room } of frame.rooms) {
      if (room === closed) connection.send({ type: "error", ref, code: "not_member", message: "no", room });
      else connection.send({ type: "subscribed", ref, room, epoch: 1, head: 0, recovered: true, mode: "head" });
    }
    return true;
  };
  const url = await server.listen();
  const client = createClient({ url, getToken: async () => "token" });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const lists = () => server.of("subscribe").filter(({ rooms }) => rooms !== undefined);
  const say = (frame: object) => {
    for (const connection of server.connections) connection.send(frame as never);
  };
  return { server, client, lists, say };
}

const idsOf = ({ rooms }: ClientFrameOf<"subscribe">) => rooms?.map(({ room }) => room);

test("heads of 1,500 rooms are asked for in two frames, and again after a reconnect", async () => {
  const { server, client, lists, say } = await start();
  await client.connect();
  const rooms = Array.from({ length: 1_500 }, () => newId<RoomId>());
  const heads: Head[] = [];
  const stop = client.followHeads(rooms, { onHead: (head) => heads.push(head) });
  await vi.waitFor(() => expect(lists().map((list) => idsOf(list)?.length)).toEqual([1_000, 500]));
  say({ type: "head", room: rooms[3], epoch: 1, seq: 7, preview: "hello" });
  await vi.waitFor(() => expect(heads).toMatchObject([{ room: rooms[3], seq: 7, preview: "hello" }]));
  server.disconnect();
  await vi.waitFor(() => expect(lists()).toHaveLength(4), { timeout: 5_000 });
  stop();
  say({ type: "head", room: rooms[3], epoch: 1, seq: 8 });
  await client.close();
  expect(heads).toHaveLength(1);
});

test("a client in 500 rooms comes back with two frames and one HTTP call, and one frame more for the room that is open", async () => {
  const { server, client, lists } = await start();
  const calls: (string | undefined)[] = [];
  server.http = ({ url }) => {
    calls.push(url);
    return { status: 200, body: { rooms: [], joined: 500, at: 8 } };
  };
  client.on("personal", () => undefined);
  await client.connect();
  client.followHeads(
    Array.from({ length: 500 }, () => newId<RoomId>()),
    { onHead: () => undefined },
  );
  await vi.waitFor(() => expect(lists()).toHaveLength(1));
  const comeBack = async (reconnects: number, frames: number) => {
    server.received.length = 0;
    calls.length = 0;
    server.disconnect();
    await vi.waitFor(() => expect(client.stats.reconnects).toBe(reconnects), { timeout: 5_000 });
    await client.userState(7);
    await vi.waitFor(() => expect(server.received.length).toBeGreaterThanOrEqual(frames), { timeout: 5_000 });
    expect(lists().map((list) => idsOf(list)?.length)).toEqual([500]);
    return server.received.map(({ type }) => type);
  };
  expect(await comeBack(1, 2)).toEqual(["hello", "subscribe"]);
  expect(calls).toEqual(["/api/v1/me/state?since=7"]);
  await client.room(ROOM).subscribe({ onEvent: () => undefined });
  expect((await comeBack(2, 3)).toSorted()).toEqual(["hello", "subscribe", "subscribe"]);
  expect(calls).toHaveLength(1);
});

test("a room of a list that is closed to the user is told, and not asked for again", async () => {
  const [open, closed] = [newId<RoomId>(), newId<RoomId>()];
  const { server, client, lists } = await start(closed);
  await client.connect();
  const refused: string[] = [];
  client.followHeads([open, closed], {
    onHead: () => undefined,
    onRefused: (room, { code }) => refused.push(room, code),
  });
  await vi.waitFor(() => expect(refused).toEqual([closed, "not_member"]));
  server.disconnect();
  await vi.waitFor(() => expect(lists().map(idsOf)).toEqual([[open, closed], [open]]), { timeout: 5_000 });
});

test("a room with events has no heads, and has them again when its events are let go", async () => {
  const { client, lists } = await start();
  await client.connect();
  const room = client.room(ROOM);
  await room.subscribe({ onEvent: () => undefined });
  client.followHeads([ROOM], { onHead: () => undefined });
  expect(lists()).toEqual([]);
  room.unsubscribe();
  await vi.waitFor(() => expect(lists().map(idsOf)).toEqual([[ROOM]]));
});

test("news of the user are asked for when somebody listens, and read marks of other connections reach the room too", async () => {
  const { server, client, say } = await start();
  const news: PersonalFrame[] = [];
  client.on("personal", (frame) => news.push(frame));
  await client.connect();
  expect(server.of("hello")).toMatchObject([{ personal: true }]);
  const marks: number[] = [];
  await client.room(ROOM).subscribe({ onEvent: () => undefined, onRead: (seq) => marks.push(seq) });
  say({ type: "personal", kind: "read", room: ROOM, seq: 5 });
  await vi.waitFor(() => expect(marks).toEqual([5]));
  expect(news).toEqual([{ type: "personal", kind: "read", room: ROOM, seq: 5 }]);
});

test("read marks are sent once for many, the highest, and after a reconnect", async () => {
  const { server, client, room } = await startWired();
  for (const seq of [1, 2, 9, 4]) room.markRead(seq);
  await vi.waitFor(() => expect(server.of("read").at(-1)?.seq).toBe(9), { timeout: 5_000 });
  expect(server.of("read").length).toBeLessThanOrEqual(2);
  let taken = 0;
  server.intercept = (frame, connection) => {
    if (frame.type !== "read") return;
    taken += 1;
    if (taken === 1) connection.socket.terminate();
    return true;
  };
  room.markRead(12);
  await vi.waitFor(() => expect(taken).toBe(2), { timeout: 5_000 });
  expect(server.of("read").at(-1)?.seq).toBe(12);
  expect(client.stats.reconnects).toBe(1);
});

test("the newest read mark goes before the client ends", async () => {
  const { server, client } = await startWired();
  for (const seq of [3, 4, 5]) client.room(ROOM).markRead(seq);
  await client.close();
  expect(server.of("read").at(-1)?.seq).toBe(5);
});

test("the state of a user is read page by page", async () => {
  const { server, client } = await start();
  const asked: (string | undefined)[] = [];
  server.http = ({ url }) => {
    asked.push(url);
    const isFirst = !url?.includes("cursor");
    const page = { rooms: [{ room: newId() }], joined: 2, at: 7 };
    return { status: 200, body: isFirst ? { ...page, cursor: "c" } : { ...page, at: 8 } };
  };
  const { rooms, joined, at } = await client.userState(5);
  expect([rooms.length, joined, at]).toEqual([2, 2, 7]);
  expect(asked).toEqual(["/api/v1/me/state?since=5", "/api/v1/me/state?since=5&cursor=c"]);
});
