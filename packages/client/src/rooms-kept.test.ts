import { expect, onTestFinished, test, vi } from "vitest";
import { ALICE, FakeServer, ROOM } from "../test/fake-server.ts";
import { serveHistory } from "../test/history.ts";
import { startWired } from "../test/wired.ts";
import { createClient } from "./client.ts";
import type { PendingMessage } from "./outbox.ts";

test("G2 a pending publish outlives an unsubscribe and arrives over the next connection", async () => {
  const { server, client, room } = await startWired();
  server.intercept = ({ type }) => type === "publish";
  const published = room.publish("still sent", { id: "kept" });
  room.unsubscribe();
  await vi.waitFor(() => expect(server.of("publish")).toHaveLength(1));
  expect(client.pending).toEqual([{ room: ROOM, id: "kept", text: "still sent", state: "sent" }]);
  server.intercept = () => undefined;
  server.disconnect();
  await expect(published).resolves.toMatchObject({ seq: 1 });
  expect(client.pending).toEqual([]);
});

test("G8 unsubscribed rooms are released, and their objects work again", async () => {
  const { client, room, server } = await startWired();
  const names = Array.from({ length: 500 }, (_none, at) => `01920000-0000-7000-8000-${String(at).padStart(12, "0")}`);
  const first = names.map((name) => {
    const one = client.room(name);
    void one.subscribe({ onEvent: () => undefined });
    one.unsubscribe();
    return one;
  });
  expect(client.room(names[7] ?? "")).not.toBe(first[7]);
  room.unsubscribe();
  const seen: number[] = [];
  await room.subscribe({ onEvent: ({ seq }) => seen.push(seq) });
  expect(client.room(ROOM)).toBe(room);
  server.say("again");
  await vi.waitFor(() => expect(seen).toEqual([1]));
});

test.each([true, false])(
  "G2 a listener that begins further back gets what an earlier one had and is not durable yet, unsubscribed between: %s",
  async (isLeft) => {
    const { server, room, events } = await startWired();
    for (const text of ["one", "two", "three"]) server.say(text);
    await vi.waitFor(() => expect(events).toHaveLength(3));
    if (isLeft) room.unsubscribe();
    const seen: number[] = [];
    const moved: number[] = [];
    await room.subscribe({
      since: { seq: 1, epoch: 1 },
      onEvent: ({ seq }) => seen.push(seq),
      onMoved: ({ seq }) => moved.push(seq),
    });
    expect({ seen, moved }).toEqual({ seen: [2, 3], moved: [] });
  },
);

test("G3 a listener that begins behind an own message without an ack does not have it sent twice", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, client, room } = await startWired(serveHistory);
  let isAway = false;
  server.intercept = (frame, { socket }) => {
    if (frame.type === "hello") return isAway;
    if (frame.type !== "publish") return undefined;
    // The ack is lost; later the server has forgotten the id.
    server.say(frame.text, ALICE, frame.id, false);
    isAway = true;
    socket.terminate();
    return true;
  };
  const published = room.publish("once");
  await vi.waitFor(() => expect(isAway).toBe(true));
  vi.setSystemTime(Date.now() + 1_200_000);
  room.unsubscribe();
  const again = room.subscribe({ since: { seq: 1, epoch: 1 }, onEvent: () => undefined });
  isAway = false;
  client.retryNow();
  await again;
  await expect(published).resolves.toMatchObject({ seq: 1 });
  expect(server.log).toHaveLength(1);
});

test("pending messages are listed, can be discarded, and continue in another client under the same ids", async () => {
  const server = new FakeServer();
  const url = await server.listen();
  const told: PendingMessage[][] = [];
  const first = createClient({
    url,
    getToken: () => Promise.resolve("token"),
    onPending: (pending) => told.push(pending),
  });
  const content = { thread: 1, broadcast: true, files: ["01920000-0000-7000-8000-0000000000f1"] } as const;
  void first.room(ROOM).publish("one", { id: "m1", ...content });
  const second = first.room(ROOM).publish("two", { id: "m2", replyTo: 3 });
  expect(first.room(ROOM).discard("m2")).toBe(true);
  await expect(second).rejects.toMatchObject({ code: "closed" });
  await vi.waitFor(() => expect(told.at(-1)?.map(({ id }) => id)).toEqual(["m1"]));
  const kept = JSON.parse(JSON.stringify(first.pending)) as PendingMessage[];
  await first.close();
  const next = createClient({ url, getToken: () => Promise.resolve("token") });
  const restored = next.restore(kept);
  await next.connect();
  expect(await Promise.all(restored)).toMatchObject([{ seq: 1 }]);
  expect(server.log.map(({ id }) => id)).toEqual(["m1"]);
  expect(server.of("publish")).toMatchObject([content]);
  await next.close();
  await server.close();
});

test("several listeners share a room, each until its removal, and one that throws does not affect the others", async () => {
  const { server, room, events } = await startWired();
  const thrown: unknown[] = [];
  const note = (error: unknown): void => void thrown.push(error);
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", note);
  const seen: number[] = [];
  const stop = room.listen({ onEvent: ({ seq }) => seen.push(seq) });
  const stopThrowing = room.listen({
    onEvent: () => {
      throw new Error("a fault of the owner");
    },
  });
  server.say("one");
  await vi.waitFor(() => expect(seen).toEqual([1]));
  await vi.waitFor(() => expect(thrown).toHaveLength(1));
  stopThrowing();
  stop();
  server.say("two");
  await vi.waitFor(() => expect(events.map(({ seq }) => seq)).toEqual([1, 2]));
  expect(seen).toEqual([1]);
  process.off("uncaughtException", note);
  for (const other of others) process.on("uncaughtException", other);
});
