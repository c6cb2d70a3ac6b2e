import { CLOSE, type RoomEvent } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { ALICE, BOB, FakeServer, ROOM } from "../test/fake-server.ts";
import { seqsOf, startWired } from "../test/wired.ts";
import { createClient } from "./client.ts";
import type { Gap } from "./room-listener.ts";

test("G1 G5 events missed while disconnected come first, each once and in order", async () => {
  const { server, client, events } = await startWired();
  server.say("one");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1]));
  server.disconnect();
  server.say("two");
  server.say("three");
  await vi.waitFor(() => expect(client.state.state).toBe("ready"));
  server.say("four");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1, 2, 3, 4]));
  expect(server.of("subscribe").at(-1)?.since).toEqual({ seq: 1, epoch: 1 });
  expect(client.stats.reconnects).toBe(1);
});

test("G3 a publish whose ack was lost is found in the replay and not sent again", async () => {
  const { server, room, events } = await startWired();
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish") return;
    server.say(frame.text, ALICE, frame.id, false);
    connection.socket.terminate();
    return true;
  };
  await expect(room.publish("hello", { id: "m1" })).resolves.toMatchObject({ seq: 1, epoch: 1 });
  expect(server.of("publish")).toHaveLength(1);
  expect(seqsOf(events)).toEqual([1]);
});

test("G2 G3 a publish that never arrived is sent again under its id, after the replay, in order", async () => {
  const { server, room } = await startWired();
  let isCut = false;
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish" || isCut) return;
    isCut = true;
    connection.socket.terminate();
    return true;
  };
  const published = await Promise.all(["a", "b", "c"].map((id) => room.publish(id, { id })));
  expect(published.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(server.log.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  const types = server.received.map(({ type }) => type);
  expect(types.lastIndexOf("subscribe")).toBeLessThan(types.lastIndexOf("publish"));
});

test("a renewal takes a fresh token over the same connection, and the rooms go on", async () => {
  const { server, client, events } = await startWired();
  const renamed = { ...ALICE, username: "renamed" };
  server.intercept = (frame, connection) => {
    if (frame.type !== "hello") return;
    const { limits, heartbeatMs } = server;
    connection.send({ type: "ready", ref: frame.ref, user: renamed, connection: "c", node: "n", heartbeatMs, limits });
    return true;
  };
  const subscribes = server.of("subscribe").length;
  await client.renew();
  expect(client.state).toMatchObject({ state: "ready", user: renamed });
  server.say("after it");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1]));
  expect(server.of("subscribe")).toHaveLength(subscribes);
  expect([server.connections.size, client.stats.reconnects]).toEqual([1, 0]);
  server.intercept = (frame, connection) => frame.type === "hello" && server.refuse(connection, frame.ref, "bad_token");
  await expect(client.renew()).rejects.toMatchObject({ code: "bad_token" });
});

test("an unsubscribe during catch-up does not refuse the next subscribe", async () => {
  const { server, client, room } = await startWired();
  room.unsubscribe();
  const held: number[] = [];
  server.intercept = (frame, connection) => {
    if (frame.type === "subscribe" && held.length === 0) return held.push(frame.ref) > 0;
    if (frame.type !== "unsubscribe") return;
    for (const ref of held) server.refuse(connection, ref, "not_subscribed");
    connection.send({ type: "unsubscribed", ref: frame.ref, room: ROOM });
    return true;
  };
  const given = room.subscribe({ onEvent: () => undefined });
  await vi.waitFor(() => expect(held).toHaveLength(1));
  room.unsubscribe();
  await expect(given).rejects.toMatchObject({ code: "closed" });
  await expect(room.subscribe({ onEvent: () => undefined })).resolves.toMatchObject({ seq: 0 });
  expect(client.state.state).toBe("ready");
});

test("a subscribe refused after the answer to an earlier one is repeated: the server has released the room", async () => {
  const { server, room } = await startWired();
  let asked = 0;
  server.intercept = (frame, connection) => {
    if (frame.type !== "subscribe") return;
    asked += 1;
    if (asked !== 2) return;
    connection.subscribed = false;
    return server.refuse(connection, frame.ref, "overloaded", 1);
  };
  const first = room.subscribe({ onEvent: () => undefined });
  const events: RoomEvent[] = [];
  const second = room.subscribe({ onEvent: (event) => events.push(event) });
  await expect(first).rejects.toMatchObject({ code: "closed" });
  await second;
  await vi.waitFor(() => expect(asked).toBe(3));
  server.say("heard");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1]));
});

test("G7 a gap in the live events leads to a subscribe from the last good seq", async () => {
  const { server, client, events } = await startWired();
  server.say("one");
  server.say("lost on the way", BOB, undefined, false);
  server.say("three");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1, 2, 3]));
  expect(client.stats.holes).toBe(1);
  expect(server.of("subscribe").at(-1)?.since).toEqual({ seq: 1, epoch: 1 });
});

test("a gap that no replay fills is reported as unannounced, and the room continues", async () => {
  const { server, room } = await startWired();
  const gaps: Gap[] = [];
  const seqs: number[] = [];
  await room.subscribe({ onEvent: ({ seq }) => seqs.push(seq), onGap: (gap) => gaps.push(gap) });
  server.head = 3;
  server.say("four");
  await vi.waitFor(() => expect(gaps).toEqual([{ from: 1, to: 4, reason: "unannounced" }]));
  server.say("five");
  await vi.waitFor(() => expect(seqs).toEqual([5]));
});

test("G4 durable waits for the mark, ack does not", async () => {
  const { server, room } = await startWired();
  let isDurable = false;
  const durable = room.publish("kept", { until: "durable" }).then(() => {
    isDurable = true;
  });
  await room.publish("quick");
  expect(isDurable).toBe(false);
  server.broadcast({ type: "durable", room: ROOM, seq: 2 });
  await durable;
});

test("a publish refused with rate_limited waits for retryAfterMs and is sent again under its id", async () => {
  const { server, room } = await startWired();
  let refusedAt = 0;
  server.intercept = (frame, connection) => {
    if (frame.type !== "publish" || refusedAt > 0) return;
    refusedAt = performance.now();
    return server.refuse(connection, frame.ref, "rate_limited", 60);
  };
  await room.publish("patience", { id: "p" });
  expect(performance.now() - refusedAt).toBeGreaterThanOrEqual(55);
  expect(server.of("publish").map(({ id }) => id)).toEqual(["p", "p"]);
});

test("G2 fifty publishes at once all resolve on a server that shows an event before its ack", async () => {
  const { server, room } = await startWired();
  const published = await Promise.all(Array.from({ length: 50 }, (_none, at) => room.publish(String(at))));
  expect(published.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_none, at) => at + 1));
  expect(server.of("publish")).toHaveLength(50);
});

test("a refusal that is not retryable rejects at once", async () => {
  const { server, room } = await startWired();
  server.intercept = (frame, connection) =>
    frame.type === "publish" ? server.refuse(connection, frame.ref, "forbidden") : undefined;
  await expect(room.publish("no")).rejects.toMatchObject({ name: "HubbubError", code: "forbidden" });
  expect(server.of("publish")).toHaveLength(1);
});

test("a refused room rejects its subscribe and its outbox", async () => {
  const { server, room } = await startWired();
  server.intercept = (frame, connection) =>
    frame.type === "subscribe" ? server.refuse(connection, frame.ref, "not_member") : undefined;
  const waiting = room.subscribe({ onEvent: () => undefined });
  const publish = room.publish("never");
  await expect(waiting).rejects.toMatchObject({ code: "not_member" });
  await expect(publish).rejects.toMatchObject({ code: "not_member" });
});

test("G10 a client reconnects after the time of a goaway, and the room resumes", async () => {
  const { server, client, events } = await startWired();
  server.broadcast({ type: "goaway", afterMs: 30 });
  await vi.waitFor(() => expect(client.stats.reconnects).toBe(1));
  server.say("here again");
  await vi.waitFor(() => expect(seqsOf(events)).toEqual([1]));
});

test("4500 leads to one reconnect with a fresh token; a revoked session ends the client", async () => {
  const { server, client, states } = await startWired();
  server.disconnect(CLOSE.badToken);
  await vi.waitFor(() => expect(server.tokens).toEqual(["token", "fresh"]));
  await vi.waitFor(() => expect(client.state.state).toBe("ready"));
  server.disconnect(CLOSE.sessionRevoked);
  await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: "closed", error: { code: "session_revoked" } }));
  await expect(client.connect()).rejects.toMatchObject({ code: "session_revoked" });
});

test("close sends bye and rejects everything that waits", async () => {
  const { server, client, room } = await startWired();
  server.intercept = ({ type }) => type === "publish";
  const waiting = room.publish("unanswered");
  await vi.waitFor(() => expect(server.of("publish")).toHaveLength(1));
  await Promise.all([expect(waiting).rejects.toMatchObject({ code: "closed" }), client.close()]);
  expect(server.received.at(-1)).toEqual({ type: "bye" });
  expect(client.state).toEqual({ state: "closed", error: undefined });
});

test("connect retries until a server answers", async () => {
  const server = new FakeServer();
  const url = await server.listen();
  await server.close();
  const client = createClient({ url, getToken: () => Promise.resolve("token") });
  const connected = client.connect();
  await vi.waitFor(() => expect(client.state).toMatchObject({ state: "waiting" }));
  await Promise.all([expect(connected).rejects.toMatchObject({ code: "closed" }), client.close()]);
});
