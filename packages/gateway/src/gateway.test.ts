import { type EventId, newId, type RoomId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { deliveringBroker } from "../test/faulty-broker.ts";
import { openWorld, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();

const id = (text: string): EventId => text as EventId;

test("G1 what one member publishes reaches all of them in one order, the sender too", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  const [a, b] = [await gateway.as(ann), await gateway.as(bob)];
  for (const client of [a, b]) {
    expect(await client.ask({ type: "subscribe", room }, "subscribed")).toMatchObject({ head: 0, recovered: true });
  }
  for (let at = 0; at < 20; at++) {
    a.send({ type: "publish", room, id: id(`a${at}`), text: `from a ${at}` });
    b.send({ type: "publish", room, id: id(`b${at}`), text: `from b ${at}` });
  }
  await expect.poll(() => [a.seqs(room).length, b.seqs(room).length]).toEqual([40, 40]);
  expect(a.seqs(room)).toEqual(Array.from({ length: 40 }, (_none, at) => at + 1));
  const events = (client: typeof a) => client.frames.filter(({ type }) => type === "event");
  expect(events(a)).toEqual(events(b));
  const own = events(a).flatMap((event) => (event.type === "event" && event.by.id === ann.id ? [event.id] : []));
  expect(own).toEqual(Array.from({ length: 20 }, (_none, at) => `a${at}`));
});

test("G3 a publish sent again is acked with the same seq, and delivered once", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room }, "subscribed");
  const frame = { type: "publish", room, id: id("once"), text: "hello" } as const;
  const first = await client.ask(frame, "ack");
  const again = await client.ask(frame, "ack");
  expect(again).toEqual({ ...first, ref: again.ref, duplicate: true });
  await client.ask({ ...frame, id: id("next") }, "ack");
  await expect.poll(() => client.seqs(room)).toEqual([1, 2]);
});

test("a user who is no member can neither subscribe nor publish", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, eve] = [await world.user(), await world.user()];
  const client = await gateway.as(eve);
  for (const room of [await world.room(ann), newId<RoomId>()]) {
    expect(await client.ask({ type: "subscribe", room }, "error")).toMatchObject({ code: "not_member" });
    expect(await client.ask({ type: "publish", room, id: id("x"), text: "x" }, "error")).toMatchObject({
      code: "not_member",
    });
  }
});

test("a revoked session loses its connections at once, and only those", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, bob] = [await world.user(), await world.user()];
  const [a, other, b] = [await gateway.as(ann), await gateway.as(ann), await gateway.as(bob)];
  await gateway.broker.publishControl({ type: "session-revoked", session: ann.session });
  expect(await a.closed).toEqual({ code: 4501, reason: "session_revoked" });
  expect((await other.closed).code).toBe(4501);
  await b.ask({ type: "ping" }, "pong");
});

test("a removed member hears nothing more of the room, cannot publish, and may come back", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  const [a, b] = [await gateway.as(ann), await gateway.as(bob)];
  for (const client of [a, b]) await client.ask({ type: "subscribe", room }, "subscribed");
  await b.ask({ type: "publish", room, id: id("1"), text: "here" }, "ack");
  await world.store.members.leave(room, bob.id);
  await gateway.broker.publishControl({ type: "member-removed", room, user: bob.id });
  await b.find((frame) => frame.type === "removed" && frame.room === room);
  await a.ask({ type: "publish", room, id: id("2"), text: "without you" }, "ack");
  expect(await b.ask({ type: "publish", room, id: id("3"), text: "?" }, "error")).toMatchObject({ code: "not_member" });
  expect(b.seqs(room)).toEqual([1]);
  await world.store.members.add(room, bob.id, "member", "asked");
  await gateway.broker.publishControl({ type: "member-added", room, user: bob.id });
  await b.ask({ type: "subscribe", room, since: { seq: 1, epoch: 1 } }, "subscribed");
  expect(b.seqs(room)).toEqual([1, 2]);
});

test("control messages lost in an interruption are recovered", async () => {
  const { broker, interrupt } = deliveringBroker((room, frame, handOn) => handOn(room, frame));
  await using gateway = await startTestGateway(world, {}, broker);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  const [a, b] = [await gateway.as(ann), await gateway.as(bob)];
  await b.ask({ type: "subscribe", room }, "subscribed");
  await world.store.members.leave(room, bob.id);
  await broker.revocations.add(ann.session, 60_000);
  interrupt();
  await b.find((frame) => frame.type === "removed" && frame.room === room);
  expect((await a.closed).code).toBe(4501);
});

test("after an interruption a revoked session is closed, also when the log does not know of it", async () => {
  const { broker, interrupt } = deliveringBroker((room, frame, handOn) => handOn(room, frame));
  await using gateway = await startTestGateway(world, {}, broker);
  const ann = await world.user();
  const expiresAt = new Date(Date.now() + 3_600_000);
  const { session } = await world.store.sessions.create(ann.id, { refreshHash: newId(), expiresAt, max: 1 });
  const claims = { sub: ann.id, sid: session, name: ann.username };
  const connection = await gateway.as({ ...ann, session, token: () => world.keys.sign(claims, 600) });
  await world.store.sessions.revoke(session);
  interrupt();
  expect((await connection.closed).code).toBe(4501);
});

test("a user is online while any of their connections is", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const online = async () => (await gateway.broker.presence.online([ann.id]))[0];
  const [first, second] = [await gateway.as(ann), await gateway.as(ann)];
  await expect.poll(online).toBe(true);
  first.close();
  await first.closed;
  await second.ask({ type: "ping" }, "pong");
  expect(await online()).toBe(true);
  second.raw(JSON.stringify({ type: "bye" }));
  expect((await second.closed).code).toBe(1000);
  await expect.poll(online).toBe(false);
  expect(await gateway.broker.presence.nodes()).toMatchObject([{ node: "test" }]);
});

test("clients know a gateway by an opaque id, and operators find its name by that", async () => {
  await using gateway = await startTestGateway(world);
  const client = await gateway.client();
  const ready = await client.ask({ type: "hello", token: await (await world.user()).token() }, "ready");
  expect(ready.node).toMatch(/^[0-9a-f]{12}$/);
  expect(await gateway.broker.presence.nodes()).toMatchObject([{ node: "test", id: ready.node }]);
});

test("typing reaches the room as a signal, from members only", async () => {
  await using gateway = await startTestGateway(world);
  const [ann, eve] = [await world.user(), await world.user()];
  const room = await world.room(ann);
  const [a, e] = [await gateway.as(ann), await gateway.as(eve)];
  await a.ask({ type: "subscribe", room }, "subscribed");
  e.raw(JSON.stringify({ type: "typing", room }));
  await e.error("not_member");
  a.raw(JSON.stringify({ type: "typing", room }));
  const signal = await a.find(({ type }) => type === "signal");
  expect(signal).toEqual({ type: "signal", room, by: { id: ann.id, username: ann.username }, kind: "typing" });
});

test("G10 a drain tells every connection to go, closes those that stay, and refuses new ones", async () => {
  await using gateway = await startTestGateway(world, { DRAIN_MS: "200" });
  const ann = await world.user();
  const clients = await Promise.all(Array.from({ length: 10 }, () => gateway.as(ann)));
  expect(gateway.gateway.readiness()).toEqual([]);
  const drained = gateway.gateway.drain(AbortSignal.timeout(10_000));
  expect(gateway.gateway.readiness()).toEqual(["draining"]);
  await expect(gateway.client()).rejects.toThrow("503");
  for (const client of clients) {
    expect((await client.closed).code).toBe(4001);
    expect(client.frames.filter(({ type }) => type === "goaway")).toHaveLength(1);
  }
  await drained;
});

test("G10 a gateway whose front leaves tells every connection once, and takes new ones", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const clients = await Promise.all(Array.from({ length: 10 }, () => gateway.as(ann)));
  const done = Promise.all([gateway.gateway.handOver(), gateway.gateway.handOver()]);
  for (const client of clients) {
    expect((await client.closed).code).toBe(4001);
    expect(client.frames.filter(({ type }) => type === "goaway")).toHaveLength(1);
  }
  await done;
  expect(gateway.gateway.readiness()).toEqual([]);
  const back = await gateway.as(ann);
  await back.ask({ type: "ping" }, "pong");
});

test("G8 subscriptions and publishes in flight are bounded for each connection", async () => {
  const env = { SUBSCRIPTIONS_PER_CONNECTION: "1", INFLIGHT_PUBLISHES_PER_CONNECTION: "3" };
  await using gateway = await startTestGateway(world, env);
  const ann = await world.user();
  const [one, two] = [await world.room(ann), await world.room(ann)];
  const client = await gateway.as(ann);
  await client.ask({ type: "subscribe", room: one }, "subscribed");
  expect(await client.ask({ type: "subscribe", room: two }, "error")).toMatchObject({ code: "too_many_subscriptions" });
  await client.ask({ type: "unsubscribe", room: one }, "unsubscribed");
  await client.ask({ type: "subscribe", room: two }, "subscribed");
  for (let at = 0; at < 50; at++) client.send({ type: "publish", room: two, id: id(`${at}`), text: "x" });
  expect(await client.error("overloaded")).toMatchObject({ ref: expect.any(Number) });
  await client.ask({ type: "ping" }, "pong");
  const refused = client.frames.filter((frame) => frame.type === "error" && frame.code === "overloaded").length;
  await expect.poll(() => client.seqs(two).length).toBe(50 - refused);
});

test("a second hello takes the name of its token: a guest that became an account writes under the new name", async () => {
  await using gateway = await startTestGateway(world);
  const guest = await world.user();
  const room = await world.room(guest);
  const client = await gateway.as(guest);
  await client.ask({ type: "subscribe", room }, "subscribed");
  const token = await world.keys.sign({ sub: guest.id, sid: guest.session, name: "renamed" }, 600);
  const ready = await client.ask({ type: "hello", token }, "ready");
  expect(ready).toMatchObject({ user: { id: guest.id, username: "renamed" } });
  await client.ask({ type: "publish", room, id: newId(), text: "hello" }, "ack");
  await vi.waitFor(() => {
    const event = client.frames.find(({ type }) => type === "event");
    expect(event).toMatchObject({ by: { id: guest.id, username: "renamed" } });
  });
});
