import { BrokerUnavailable } from "@hubbub/broker";
import { newId, type RoomId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import { memoryBroker, openWorld, startTestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

const from = (address: string) => ({ headers: { "x-real-ip": address } });
const trusting = { TRUSTED_PROXIES: "127.0.0.1" };

test("G8 a connection keeps its place before hello until the hello holds, and the hello timeout goes on", async () => {
  const inner = memoryBroker();
  const has = () => new Promise<boolean>(() => undefined);
  const broker = withBroker(inner, { revocations: { ...inner.revocations, has } });
  const env = { ...trusting, UNAUTHENTICATED_PER_ADDRESS: "1", HELLO_TIMEOUT_MS: "1500" };
  await using gateway = await startTestGateway(world, env, broker);
  const waiting = await gateway.client(from("192.0.2.1"));
  waiting.send({ type: "hello", token: await ann.token() });
  await vi.waitFor(async () => expect(await gateway.metrics()).toMatch(/frames_in_total\{type="hello"\} 1/));
  await expect(gateway.client(from("192.0.2.1"))).rejects.toThrow("429");
  expect((await waiting.closed).code).toBe(4010);
});

test("G8 an address that sends bad tokens is refused before their signatures are checked; others are not", async () => {
  await using gateway = await startTestGateway(world, { ...trusting, FAILED_HELLOS_PER_SECOND_PER_ADDRESS: "1" });
  const open = await gateway.client(from("192.0.2.1"));
  const bad = await gateway.client(from("192.0.2.1"));
  expect(await bad.ask({ type: "hello", token: "nonsense" }, "error")).toMatchObject({ code: "bad_token" });
  const refused = await open.ask({ type: "hello", token: await ann.token() }, "error");
  expect(refused).toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
  expect((await open.closed).code).toBe(4009);
  const other = await gateway.client(from("192.0.2.2"));
  await other.ask({ type: "hello", token: await ann.token() }, "ready");
});

test("G8 a few addresses cannot keep everybody out: the one with the most places loses its oldest", async () => {
  const env = { ...trusting, UNAUTHENTICATED_PER_NODE: "4", UNAUTHENTICATED_PER_ADDRESS: "4" };
  await using gateway = await startTestGateway(world, env);
  const first = await gateway.client(from("192.0.2.1"));
  for (let at = 0; at < 3; at += 1) await gateway.client(from("192.0.2.1"));
  const other = await gateway.client(from("192.0.2.2"));
  expect((await first.closed).code).toBe(4009);
  await other.ask({ type: "hello", token: await ann.token() }, "ready");
});

test("G8 typing is charged to the connection and to its address, like a publish", async () => {
  await using gateway = await startTestGateway(world, { PUBLISHES_PER_SECOND_PER_ADDRESS: "1" });
  const room = await world.room(ann);
  const [one, two] = [await gateway.as(ann), await gateway.as(ann)];
  one.raw(JSON.stringify({ type: "typing", room }));
  two.raw(JSON.stringify({ type: "typing", room }));
  const refused = await Promise.race([one.error("rate_limited"), two.error("rate_limited")]);
  expect(refused.retryAfterMs).toBeGreaterThan(0);
});

test("G8 typing signals that Redis does not take are bounded, and give their places back", async () => {
  const inner = memoryBroker();
  const held: ((error: Error) => void)[] = [];
  const publishSignal = () => new Promise<void>((_, reject) => held.push(reject));
  await using gateway = await startTestGateway(world, {}, withBroker(inner, { publishSignal }));
  const rooms = await Promise.all(upTo(6).map(() => world.room(ann)));
  const client = await gateway.as(ann);
  for (const room of rooms.slice(0, 5)) client.raw(JSON.stringify({ type: "typing", room }));
  expect(await client.error("overloaded")).toMatchObject({ retryAfterMs: expect.any(Number) });
  await vi.waitFor(() => expect(held).toHaveLength(4));
  for (const fail of held.splice(0)) fail(new BrokerUnavailable("away"));
  await client.error("unavailable");
  client.raw(JSON.stringify({ type: "typing", room: rooms[5] }));
  await vi.waitFor(() => expect(held).toHaveLength(1));
});

test("G8 WebSocket pings count as frames and to the address: a flood of them ends its connection", async () => {
  await using gateway = await startTestGateway(world, { FRAMES_PER_SECOND: "20" });
  const client = await gateway.as(ann);
  for (let at = 0; at < 200; at += 1) client.socket.ping();
  expect((await client.closed).code).toBe(4008);
  await using byAddress = await startTestGateway(world, { PINGS_PER_SECOND_PER_ADDRESS: "5" });
  const [one, two] = [await byAddress.as(ann), await byAddress.as(ann)];
  for (let at = 0; at < 5; at += 1) one.send({ type: "ping" });
  await vi.waitFor(() => expect(one.frames.filter(({ type }) => type === "pong")).toHaveLength(5));
  expect(await two.ask({ type: "ping" }, "error")).toMatchObject({ code: "rate_limited" });
});

test("G8 a flood of WebSocket pings from an address ends its own connection, and not one that pings rarely", async () => {
  await using gateway = await startTestGateway(world, { PINGS_PER_SECOND_PER_ADDRESS: "1" });
  const flood = await gateway.client();
  const rare = await gateway.as(ann);
  for (let at = 0; at < 60; at += 1) flood.socket.ping();
  expect((await flood.closed).code).toBe(4009);
  for (let at = 0; at < 5; at += 1) rare.socket.ping();
  expect(await rare.ask({ type: "subscribe", room: newId() }, "error")).toMatchObject({ code: "not_member" });
});

test("G8 a guest is told the guest's own number, in ready and in the refusal", async () => {
  const settings = { PUBLISHES_PER_SECOND_PER_USER: "8", GUEST_LIMIT_PERCENT: "50" };
  await using gateway = await startTestGateway(world, settings);
  const guest = await world.user();
  const room = await world.room(guest);
  const client = await gateway.client();
  const token = await world.keys.sign({ sub: guest.id, sid: guest.session, name: "guest-ada" }, 600);
  const { limits } = await client.ask({ type: "hello", token }, "ready");
  expect(limits).toMatchObject({ publishesPerSecond: 4, all: { user_publishes: { count: 4, seconds: 1 } } });
  for (let at = 0; at < 12; at += 1) client.send({ type: "publish", room, id: newId(), text: "x" });
  const limit = { name: "user_publishes", count: 4, seconds: 1, left: 0 };
  expect(await client.error("rate_limited")).toMatchObject({ limit });
});

test("G8 ready tells every limit that binds the connection, each refusal names its own, and who goes on is told the penalty", async () => {
  await using gateway = await startTestGateway(world, {
    FRAMES_PER_SECOND: "20",
    PUBLISHES_PER_SECOND: "4",
    PUBLISHES_PER_SECOND_PER_ROOM: "2",
  });
  const mallory = await world.user();
  const [quiet, loud] = [await world.room(mallory), await world.room(mallory)];
  const client = await gateway.client();
  const { limits } = await client.ask({ type: "hello", token: await mallory.token() }, "ready");
  expect(limits.all).toMatchObject({
    connection_publishes: { count: 4, seconds: 1 },
    user_publishes: { count: 10_000, seconds: 1 },
    user_refusals: { count: 400, seconds: 200 },
    room_publishes: { count: 2, seconds: 1 },
    address_connections: { count: 20_000 },
  });
  expect(limits.all).not.toHaveProperty("cluster_publishes");
  const say = (room: RoomId) => client.send({ type: "publish", room, id: newId(), text: "x" });
  const refusedFor = (name: string) => client.find((frame) => frame.type === "error" && frame.limit?.name === name);
  for (let at = 0; at < 3; at += 1) say(loud);
  const refusal = { code: "rate_limited", retryAfterMs: expect.any(Number) };
  expect(await refusedFor("room_publishes")).toMatchObject({ ...refusal, limit: { count: 2, seconds: 1, left: 0 } });
  say(quiet);
  await client.find((frame) => frame.type === "ack" && frame.room === quiet);
  for (let at = 0; at < 8; at += 1) say(quiet);
  expect(await refusedFor("connection_publishes")).toMatchObject({ ...refusal, limit: { count: 4, left: 0 } });
  for (let at = 0; at < 150; at += 1) client.send({ type: "ping" });
  expect(await refusedFor("connection_frames")).toMatchObject({ ...refusal, limit: { count: 20 } });
  for (const penalty of ["warned", "slowed", "muted"]) {
    await client.find((frame) => frame.type === "error" && frame.penalty === penalty);
  }
  await vi.waitFor(() => {
    say(quiet);
    expect(client.frames.some((frame) => frame.type === "error" && frame.limit?.name === "user_refusals")).toBe(true);
  }, 3_000);
  expect(await gateway.metrics()).toContain('hubbub_penalties_total{level="muted"} 1');
  await vi.waitFor(async () => {
    const { entries } = await world.store.audit.list({ act: "flood_mute" }, { limit: 10 });
    expect(entries).toContainEqual(expect.objectContaining({ actor: "system", subject: mallory.id }));
  });
});
