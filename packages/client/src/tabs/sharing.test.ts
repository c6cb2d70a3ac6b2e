import type { RoomEvent, ServerFrame } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { openTransport } from "#websocket";
import { Channels } from "../../test/channels.ts";
import { ALICE, BOB, FakeServer, ROOM } from "../../test/fake-server.ts";
import { tokenOf, World } from "../../test/tabs-world.ts";
import { createClient } from "../client.ts";
import { PORTS_MAX, type Port, UNTAKEN_MAX } from "./port-messages.ts";
import { SharedRooms } from "./shared-rooms.ts";
import { Tab } from "./tab.ts";
import { TabServer } from "./tab-server.ts";
import { overWorker } from "./tab-transport.ts";

function recordingTab(): { tab: Tab; heard: unknown[]; ends: () => number } {
  const heard: unknown[] = [];
  let ends = 0;
  const port: Port = {
    onmessage: null,
    postMessage: (message) => heard.push(typeof message === "string" ? JSON.parse(message) : message),
    close: () => undefined,
  };
  const tab = new Tab(port, () => {
    ends += 1;
  });
  return { tab, heard, ends: () => ends };
}

test("G2 a room that is restored while one tab catches up leaves no other tab behind", () => {
  const world = new World();
  const [steady, late] = [world.open(), world.open()];
  steady.subscribe();
  late.subscribe();
  world.rest();
  world.server.accept("one");
  world.rest();
  late.unsubscribe();
  for (const id of ["two", "three", "four"]) world.server.accept(id);
  world.rest();
  late.subscribe();
  world.channels.drain();
  world.server.restore(2);
  world.server.accept("another three");
  world.rest();
  world.server.accept("last");
  world.rest();
  for (const tab of [steady, late]) {
    expect(tab.faults).toEqual([]);
    expect(tab.log.map(({ id }) => id)).toEqual(["one", "two", "another three", "last"]);
  }
  expect(world.server.opened).toBe(1);
});

test("tabs of two logins have two connections, those of one login have one", () => {
  const world = new World();
  for (const session of ["one", "one", "two"]) world.open(tokenOf("alice", session));
  world.open(tokenOf("bob", "three"));
  world.rest();
  expect(world.server.connections.size).toBe(3);
});

test("a tab that crashes leaves no subscription behind; with the last one the connection goes", () => {
  const world = new World();
  const [reader, idler] = [world.open(), world.open()];
  reader.subscribe();
  world.rest();
  const [connection] = world.server.connections;
  expect(connection?.isLive).toBe(true);
  reader.die();
  world.crashes[0]?.();
  world.rest();
  expect([connection?.isLive, world.server.connections.size, idler.isReady]).toEqual([false, 1, true]);
  idler.die();
  world.crashes[1]?.();
  world.rest();
  expect(world.server.connections.size).toBe(0);
});

test("a tab that takes nothing gets a bounded number of bytes, and is closed as slow", async () => {
  const { tab, heard, ends } = recordingTab();
  const frame = JSON.stringify({ type: "signal", text: "x".repeat(UNTAKEN_MAX / 8) });
  for (let index = 0; index < 100; index += 1) tab.send(frame);
  await Promise.resolve();
  expect(heard).toHaveLength(9);
  expect(heard.at(-1)).toEqual({ kind: "closed", code: 4008 });
  expect(ends()).toBe(1);
  const reader = recordingTab();
  for (let index = 0; index < 100; index += 1) {
    reader.tab.send(frame);
    reader.tab.taken(frame.length);
  }
  await Promise.resolve();
  expect(reader.heard).toHaveLength(100);
});

test("a worker without room for another tab, or that cannot be loaded, leaves the tab with a connection of its own", async () => {
  const world = new World();
  for (let index = 0; index < PORTS_MAX + 1; index += 1) world.open(tokenOf("alice", "one"));
  world.rest();
  expect(world.server.opened).toBe(2);
  expect(world.tabs.every(({ isReady }) => isReady)).toBe(true);
  const direct = vi.fn(world.server.open);
  const broken = overWorker({
    ...world.door,
    connect: () => {
      throw new Error("blocked");
    },
    direct,
  });
  const events = { opened: vi.fn(), received: vi.fn(), closed: vi.fn() };
  broken("ws://model/ws", "hubbub.v1", events);
  broken("ws://model/ws", "hubbub.v1", events);
  world.rest();
  expect([direct.mock.calls.length, events.opened.mock.calls.length]).toEqual([2, 2]);
});

test("a worker that says nothing is given up, and no later connection waits for it", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const world = new World();
  const mute: Port = { onmessage: null, postMessage: () => undefined, close: () => undefined };
  const open = overWorker({ ...world.door, connect: () => mute });
  const events = { opened: vi.fn(), received: vi.fn(), closed: vi.fn() };
  open("ws://model/ws", "hubbub.v1", events);
  vi.advanceTimersByTime(2_900);
  expect(world.server.opened).toBe(0);
  vi.advanceTimersByTime(200);
  open("ws://model/ws", "hubbub.v1", events);
  expect(world.server.opened).toBe(2);
  world.rest();
  expect([events.opened.mock.calls.length, events.closed.mock.calls.length]).toEqual([2, 0]);
});

test("a tab that follows the head of a room is told it while another tab has the events", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const asked: { request: { type: string }; answer: (frame: object) => void }[] = [];
  const rooms = new SharedRooms({
    ask: (request, onAnswer) =>
      void asked.push({ request, answer: (frame) => onAnswer(JSON.stringify(frame), frame as ServerFrame) }),
    overfull: () => false,
  });
  const [events, heads] = [recordingTab(), recordingTab()];
  const of = (seq: number, text: string) =>
    ({ type: "event", room: ROOM, epoch: 1, seq, at: seq, by: BOB, kind: "message", id: `m${seq}`, text }) as RoomEvent;
  const say = (seq: number, text: string) => rooms.receive(ROOM, "event", JSON.stringify(of(seq, text)));
  rooms.subscribe(events.tab, { type: "subscribe", ref: 1, room: ROOM });
  asked[0]?.answer({ type: "subscribed", ref: 1, room: ROOM, epoch: 1, head: 4, recovered: true });
  rooms.subscribe(heads.tab, { type: "subscribe", ref: 7, mode: "head", rooms: [{ room: ROOM }] });
  const subscribed = { type: "subscribed", ref: 7, room: ROOM, epoch: 1, head: 4, recovered: true, mode: "head" };
  expect(heads.heard).toEqual([subscribed]);
  for (const [seq, text] of [
    [5, "one"],
    [6, "two"],
    [7, "three"],
  ] as const)
    say(seq, text);
  vi.advanceTimersByTime(1_000);
  const head = { type: "head", room: ROOM, epoch: 1, by: BOB };
  expect(heads.heard.slice(1)).toEqual([
    { ...head, seq: 5, at: 5, preview: "one" },
    { ...head, seq: 7, at: 7, preview: "three" },
  ]);
  expect(asked).toHaveLength(1);
  rooms.unsubscribe(events.tab, { type: "unsubscribe", ref: 2, room: ROOM });
  expect(asked.at(-1)?.request).toEqual({ type: "subscribe", room: ROOM, mode: "head" });
  asked.at(-1)?.answer({ ...subscribed, ref: 2, head: 9 });
  expect(heads.heard.at(-1)).toEqual({ type: "head", room: ROOM, epoch: 1, seq: 9 });
  rooms.drop(heads.tab);
  expect(asked.at(-1)?.request).toEqual({ type: "unsubscribe", room: ROOM });
});

test("a refusal of what is left of a list names each room to its tab", () => {
  const asked: { request: { type: string }; answer: (frame: object) => void }[] = [];
  const rooms = new SharedRooms({
    ask: (request, onAnswer) =>
      void asked.push({ request, answer: (frame) => onAnswer(JSON.stringify(frame), frame as ServerFrame) }),
    overfull: () => false,
  });
  const [one, other] = [recordingTab(), recordingTab()];
  const others = ["2", "3"].map((end) => `${ROOM.slice(0, -1)}${end}` as typeof ROOM);
  rooms.subscribe(one.tab, { type: "subscribe", ref: 1, mode: "head", rooms: [{ room: ROOM }] });
  const subscribed = { type: "subscribed", room: ROOM, epoch: 1, head: 4, recovered: true, mode: "head" };
  asked[0]?.answer({ ...subscribed, ref: 1 });
  const list = [ROOM, ...others].map((room) => ({ room }));
  rooms.subscribe(other.tab, { type: "subscribe", ref: 7, mode: "head", rooms: list });
  const refused = { type: "error", code: "overloaded", message: "later", retryAfterMs: 9 };
  asked[1]?.answer({ ...refused, ref: 2 });
  expect(other.heard).toEqual([{ ...subscribed, ref: 7 }, ...others.map((room) => ({ ...refused, ref: 7, room }))]);
});

test("G1 a hole in the events of a room is asked for at the server, also while other tabs hear the room", () => {
  const asked: { request: { type: string }; answer: (frame: object) => void }[] = [];
  const rooms = new SharedRooms({
    ask: (request, onAnswer) =>
      void asked.push({ request, answer: (frame) => onAnswer(JSON.stringify(frame), frame as ServerFrame) }),
    overfull: () => false,
  });
  const tabs = [recordingTab(), recordingTab()] as const;
  for (const { tab } of tabs) rooms.subscribe(tab, { type: "subscribe", ref: 1, room: ROOM });
  const subscribed = { type: "subscribed", ref: 1, room: ROOM, epoch: 1, recovered: true };
  asked[0]?.answer({ ...subscribed, head: 2 });
  const say = (seq: number) =>
    rooms.receive(ROOM, "event", JSON.stringify({ type: "event", room: ROOM, epoch: 1, seq, kind: "message" }));
  say(4);
  const since = { seq: 2, epoch: 1 };
  for (const { tab } of tabs) rooms.subscribe(tab, { type: "subscribe", ref: 2, room: ROOM, since });
  expect(asked.slice(1).map(({ request }) => request)).toEqual([
    { type: "unsubscribe", room: ROOM },
    { type: "subscribe", room: ROOM, since },
  ]);
  asked[1]?.answer({ type: "unsubscribed", ref: 1, room: ROOM });
  for (const seq of [3, 4]) say(seq);
  asked[2]?.answer({ ...subscribed, head: 4 });
  for (const { heard } of tabs) expect(heard.slice(-3)).toMatchObject([{ seq: 3 }, { seq: 4 }, { ref: 2, head: 4 }]);
});

/** Clients of one login over one worker, and their server. */
async function startClients() {
  const server = new FakeServer();
  const url = await server.listen();
  const channels = new Channels();
  const locks = new Map<string, () => void>();
  const worker = new TabServer(openTransport, (lock, _signal, isFree) => void locks.set(lock, isFree));
  const pump = setInterval(() => channels.drain(), 1);
  const open = overWorker({
    connect: () => {
      const [ours, theirs] = channels.ports();
      worker.accept(theirs);
      return ours;
    },
    hold: (lock, held) => {
      held();
      return () => locks.get(lock)?.();
    },
    direct: openTransport,
  });
  const make = () => createClient({ url, getToken: async () => tokenOf(ALICE.id, "one"), openTransport: open });
  const [one, other] = [make(), make()];
  onTestFinished(async () => {
    await Promise.all([one.close(), other.close()]);
    clearInterval(pump);
    await server.close();
  });
  await Promise.all([one.connect(), other.connect()]);
  expect(server.connections.size).toBe(1);
  return { server, one, other };
}

test("a message that closes the connection with 1009 is refused to its tab; those of other tabs arrive", async () => {
  const { server, one, other } = await startClients();
  let isHeld = true;
  server.intercept = (frame, { socket }) => {
    if (frame.type !== "publish") return undefined;
    if (frame.text.length > 2_000) socket.close(1009);
    isHeld &&= frame.text.length <= 2_000;
    return isHeld || frame.text.length > 2_000;
  };
  const innocent = other.room(ROOM).publish("y".repeat(1_000));
  await vi.waitFor(() => expect(server.of("publish")).toHaveLength(1));
  await expect(one.room(ROOM).publish("x".repeat(3_000))).rejects.toMatchObject({ code: "too_large" });
  await expect(innocent).resolves.toMatchObject({ seq: 1 });
  expect(server.log).toHaveLength(1);
});

test("two clients over one worker have one connection; each gets its acks, and the events of both", async () => {
  const { server, one, other } = await startClients();
  const heard = await Promise.all(
    [one, other].map(async (client) => {
      const events: RoomEvent[] = [];
      await client.room(ROOM).subscribe({ onEvent: (event) => events.push(event) });
      return events;
    }),
  );
  const acks = await Promise.all([
    one.room(ROOM).publish("a"),
    other.room(ROOM).publish("b"),
    one.room(ROOM).publish("c"),
  ]);
  expect(acks.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
  await expect
    .poll(() => heard.map((events) => events.map(({ seq }) => seq)))
    .toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  expect(server.of("subscribe")).toHaveLength(1);
  server.disconnect(4001);
  server.say("meanwhile", BOB);
  await expect.poll(() => heard.map((events) => events.length), { timeout: 10_000 }).toEqual([4, 4]);
  expect(server.connections.size).toBe(1);
  expect([one, other].map(({ stats }) => [stats.holes, stats.duplicates])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});
