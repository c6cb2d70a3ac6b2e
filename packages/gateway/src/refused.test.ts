import { get, type IncomingMessage } from "node:http";
import { BrokerUnavailable } from "@hubbub/broker";
import { FRAME_MAX_BYTES, newId, type RoomId } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import type { TestClient } from "../test/test-client.ts";
import { memoryBroker, openWorld, startTestGateway, type TestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

/** What an upgrade that is refused answers. */
async function upgradeAnswer({ url }: TestGateway, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    get(url.replace("ws:", "http:"), { headers: { ...upgrade, ...key, ...headers } }, resolve).on("error", reject);
  });
  let body = "";
  for await (const chunk of response) body += String(chunk);
  expect(response.headers).toMatchObject({
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  });
  const { code } = JSON.parse(body) as { code: string };
  return { status: response.statusCode, code, retryAfter: Number(response.headers["retry-after"]) };
}

async function refusedUpgrade(gateway: TestGateway, headers: Record<string, string> = {}) {
  const { status, code } = await upgradeAnswer(gateway, headers);
  return { status, code };
}

test("pages of other origins are refused before the upgrade; a client without an Origin is no page", async () => {
  await using gateway = await startTestGateway(world, { ALLOWED_ORIGINS: "https://chat.example, https://b.example" });
  await gateway.client({ headers: { origin: "https://chat.example" } });
  await gateway.client();
  for (const origin of ["https://chat.example.evil", "https://evil", "null", "http://chat.example"]) {
    expect(await refusedUpgrade(gateway, { origin })).toEqual({ status: 403, code: "bad_origin" });
  }
});

test("a client that offers only unknown subprotocols is refused; one that offers none is served", async () => {
  await using gateway = await startTestGateway(world);
  const none = await gateway.client({ protocols: [] });
  expect(await none.ask({ type: "hello", token: await ann.token() }, "ready")).toMatchObject({ user: { id: ann.id } });
  const both = await gateway.client({ protocols: ["other", "hubbub.v1"] });
  expect(both.socket.protocol).toBe("hubbub.v1");
  const refused = await refusedUpgrade(gateway, { "sec-websocket-protocol": "hubbub.v9" });
  expect(refused).toEqual({ status: 400, code: "bad_request" });
});

test("G8 connections are bounded by node, by address, by user, and before hello", async () => {
  const bounds = [
    ["CONNECTIONS_PER_NODE", { status: 503, code: "overloaded" }],
    ["CONNECTIONS_PER_ADDRESS", { status: 429, code: "too_many_connections" }],
    ["UNAUTHENTICATED_PER_NODE", { status: 503, code: "overloaded" }],
    ["UNAUTHENTICATED_PER_ADDRESS", { status: 429, code: "too_many_connections" }],
  ] as const;
  for (const [setting, refusal] of bounds) {
    await using gateway = await startTestGateway(world, { [setting]: "2" });
    const [first] = [await gateway.client(), await gateway.client()];
    expect(await refusedUpgrade(gateway)).toEqual(refusal);
    first.close();
    await vi.waitFor(() => gateway.client());
  }
  await using gateway = await startTestGateway(world, { CONNECTIONS_PER_USER: "1" });
  await gateway.as(ann);
  const second = await gateway.client();
  await second.ask({ type: "hello", token: await ann.token() }, "error");
  expect(await second.closed).toEqual({ code: 4009, reason: "too_many_connections" });
});

test("G8 one address cannot fill the places of unauthenticated connections", async () => {
  const env = { UNAUTHENTICATED_PER_NODE: "6", UNAUTHENTICATED_PER_ADDRESS: "3", TRUSTED_PROXIES: "127.0.0.1" };
  await using gateway = await startTestGateway(world, env);
  const from = (address: string) => ({ "x-real-ip": address });
  const held = [1, 2, 3].map(() => gateway.client({ headers: from("203.0.113.1") }));
  const [first] = await Promise.all(held);
  const answer = await upgradeAnswer(gateway, from("203.0.113.1"));
  expect(answer).toMatchObject({ status: 429, code: "too_many_connections" });
  expect([1, 2]).toContain(answer.retryAfter);
  const other = await gateway.client({ headers: from("203.0.113.2") });
  await other.ask({ type: "hello", token: await ann.token() }, "ready");
  // A hello gives the place back, and so does a connection that ends.
  await first?.ask({ type: "hello", token: await ann.token() }, "ready");
  const next = await gateway.client({ headers: from("203.0.113.1") });
  expect(await refusedUpgrade(gateway, from("203.0.113.1"))).toEqual({ status: 429, code: "too_many_connections" });
  next.close();
  await vi.waitFor(() => gateway.client({ headers: from("203.0.113.1") }));
});

test("without hello a connection ends with 4010, also when it talks", async () => {
  await using gateway = await startTestGateway(world, { HELLO_TIMEOUT_MS: "100" });
  const silent = await gateway.client();
  expect((await silent.closed).code).toBe(4010);
  const hasty = await gateway.client();
  expect(await hasty.ask({ type: "ping" }, "error")).toMatchObject({ code: "hello_required" });
  expect((await hasty.closed).code).toBe(4502);
});

test("a wrong or expired token and a revoked session end the connection for good", async () => {
  await using gateway = await startTestGateway(world);
  for (const token of ["nonsense", await ann.token(-60), `${await ann.token()}x`]) {
    const client = await gateway.client();
    expect(await client.ask({ type: "hello", token }, "error")).toMatchObject({ code: "bad_token" });
    expect((await client.closed).code).toBe(4500);
  }
  const bob = await world.user();
  await gateway.broker.revocations.add(bob.session, 60_000);
  const client = await gateway.client();
  expect(await client.ask({ type: "hello", token: await bob.token() }, "error")).toMatchObject({
    code: "session_revoked",
  });
  expect((await client.closed).code).toBe(4501);
});

test("a first hello is refused and the connection closed when the revocation cannot be looked up", async () => {
  const inner = memoryBroker();
  const has = () => Promise.reject(new BrokerUnavailable("away"));
  const broker = withBroker(inner, { revocations: { ...inner.revocations, has } });
  await using gateway = await startTestGateway(world, {}, broker);
  const room = await world.room(ann);
  const client = await gateway.client();
  const refused = client.ask({ type: "hello", token: await ann.token() }, "error");
  client.send({ type: "subscribe", room });
  expect(await refused).toMatchObject({ code: "unavailable", retryAfterMs: expect.any(Number) });
  expect((await client.closed).code).toBe(4009);
  expect(client.frames.map(({ type }) => type)).toEqual(["error"]);
});

test("a second hello with a fresh token of the same session renews; with a token of another user it is refused", async () => {
  await using gateway = await startTestGateway(world);
  const client = await gateway.as(ann);
  await client.ask({ type: "hello", token: await ann.token() }, "ready");
  const bob = await world.user();
  const refused = await client.ask({ type: "hello", token: await bob.token() }, "error");
  expect(refused).toMatchObject({ code: "hello_repeated" });
  await client.ask({ type: "ping" }, "pong");
});

test("a connection outlives its token only by the grace, and not at all when it is renewed", async () => {
  await using gateway = await startTestGateway(world, { TOKEN_GRACE_MS: "0" });
  const [renewed, idle] = [await gateway.client(), await gateway.client()];
  for (const client of [renewed, idle]) await client.ask({ type: "hello", token: await ann.token(1) }, "ready");
  await renewed.ask({ type: "hello", token: await ann.token() }, "ready");
  expect(await idle.closed).toEqual({ code: 4500, reason: "bad_token" });
  expect(idle.frames.at(-1)).toMatchObject({ type: "error", code: "bad_token" });
  await renewed.ask({ type: "ping" }, "pong");
});

test("frames sent behind hello without waiting are handled in their order", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann);
  const client = await gateway.client();
  client.send({ type: "hello", token: await ann.token() });
  client.send({ type: "subscribe", room });
  for (let at = 0; at < 5; at++) client.send({ type: "publish", room, id: newId(), text: `${at}` });
  await expect.poll(() => client.seqs(room)).toEqual([1, 2, 3, 4, 5]);
  const texts = client.frames.flatMap((frame) => (frame.type === "event" && "text" in frame ? [frame.text] : []));
  expect(texts).toEqual(["0", "1", "2", "3", "4"]);
});

test("G8 frames and publishes over their rate are refused with a time to wait; a flood is closed", async () => {
  await using gateway = await startTestGateway(world, { FRAMES_PER_SECOND: "20", PUBLISHES_PER_SECOND: "2" });
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  for (let at = 0; at < 3; at++) client.send({ type: "publish", room, id: newId(), text: "x" });
  expect(await client.error("rate_limited")).toMatchObject({ ref: 4, retryAfterMs: expect.any(Number) });
  for (let at = 0; at < 400; at++) client.send({ type: "ping" });
  expect(await client.closed).toEqual({ code: 4008, reason: "rate_limited" });
  await gateway.as(ann);
});

test("G8 a reconnect brings no new refusals: a user who floods over many connections is soon ignored, others are not", async () => {
  await using gateway = await startTestGateway(world, { FRAMES_PER_SECOND: "20" });
  const mallory = await world.user();
  const flood = async (): Promise<number> => {
    const client = await gateway.as(mallory);
    for (let at = 0; at < 1_000; at++) client.send({ type: "ping" });
    expect(await client.closed).toEqual({ code: 4008, reason: "rate_limited" });
    return client.frames.filter((frame) => frame.type === "error" && frame.code === "rate_limited").length;
  };
  expect(await flood()).toBeGreaterThan(150);
  await flood();
  await flood();
  expect(await flood()).toBeLessThan(50);
  const client = await gateway.as(ann);
  await client.ask({ type: "ping" }, "pong");
});

test("G8 the publishes of one user are limited over all their connections, and those of others are not", async () => {
  await using gateway = await startTestGateway(world, { PUBLISHES_PER_SECOND_PER_USER: "3" });
  const bob = await world.user();
  const room = await world.room(ann, bob);
  const connections = [await gateway.as(ann), await gateway.as(ann), await gateway.as(ann), await gateway.as(bob)];
  const say = (client: TestClient | undefined) => client?.ask({ type: "publish", room, id: newId(), text: "x" }, "ack");
  await Promise.all(connections.map(say));
  const [one, , , other] = connections;
  one?.send({ type: "publish", room, id: newId(), text: "x" });
  expect(await one?.error("rate_limited")).toMatchObject({ retryAfterMs: expect.any(Number) });
  await say(other);
});

test("a binary frame is refused and closes the connection; a frame that is too large is refused, and closes it only when huge", async () => {
  await using gateway = await startTestGateway(world);
  const binary = await gateway.as(ann);
  binary.raw(Buffer.from("{}"), { binary: true });
  await binary.error("binary_frame");
  expect((await binary.closed).code).toBe(4502);
  const large = await gateway.as(ann);
  large.raw(JSON.stringify({ type: "ping", ref: 1, padding: "x".repeat(FRAME_MAX_BYTES) }));
  await large.error("too_large");
  await large.ask({ type: "ping" }, "pong");
  large.raw("x".repeat(70_000));
  expect((await large.closed).code).toBe(1006);
  await gateway.as(ann);
});

test("what Postgres or UTF-8 cannot hold is refused by name, and the connection stays", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  for (const [at, text] of ["a\u0000b", "\ud800", "", 7].entries()) {
    const ref = 1_000 + at;
    client.raw(JSON.stringify({ type: "publish", ref, room, id: "x", text }));
    expect(await client.find((frame) => frame.type === "error" && frame.ref === ref)).toMatchObject({
      code: "bad_frame",
    });
  }
  expect(await client.ask({ type: "react", room, id: newId(), target: 1, emoji: "👍" }, "error")).toMatchObject({
    code: "unknown_message",
  });
  await client.ask({ type: "ping" }, "pong");
  client.raw(Buffer.from([0xff, 0xfe, 0x00]), { binary: false });
  expect((await client.closed).code).toBe(1006);
  await gateway.as(ann);
});

test("unreadable frames are refused, and too many of them close the connection", async () => {
  await using gateway = await startTestGateway(world, { BAD_FRAMES_MAX: "3" });
  const client = await gateway.as(ann);
  for (let at = 0; at < 4; at++) client.raw("{");
  expect((await client.closed).code).toBe(4502);
  expect(client.frames.filter(({ type }) => type === "error")).toHaveLength(4);
});

test("whatever a client sends, it is answered by a code of the list and the next client is served", async () => {
  await using gateway = await startTestGateway(world, { BAD_FRAMES_MAX: "1000000" });
  const room = await world.room(ann);
  const client = await gateway.as(ann);
  let ref = 1_000;
  const frameLike = fc.record(
    {
      type: fc.oneof(
        fc.constantFrom("hello", "subscribe", "unsubscribe", "publish", "edit", "delete", "react", "typing", "read"),
        fc.string(),
      ),
      room: fc.oneof(fc.constantFrom<RoomId>(room), fc.uuid(), fc.jsonValue()),
      id: fc.oneof(fc.string(), fc.jsonValue()),
      text: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
      token: fc.integer(),
      since: fc.oneof(fc.jsonValue(), fc.record({ seq: fc.integer(), epoch: fc.integer() })),
      target: fc.oneof(fc.integer(), fc.double()),
      emoji: fc.string(),
      replyTo: fc.maxSafeInteger(),
      extra: fc.jsonValue(),
    },
    { requiredKeys: ["type"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(frameLike, fc.jsonValue()), async (value) => {
      const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
      client.raw(JSON.stringify(isRecord ? { ...value, ref: ++ref } : value));
      const mark = client.frames.length;
      client.raw(JSON.stringify({ type: "ping", ref: ++ref }));
      const pong = ref;
      await client.find((frame) => frame.type === "pong" && frame.ref === pong);
      expect(client.frames.length).toBeGreaterThan(mark);
    }),
    { numRuns: 300 },
  );
  await gateway.as(ann);
});
