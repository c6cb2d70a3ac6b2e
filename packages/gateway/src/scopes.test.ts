import { type EventId, newId, type SessionId, type UserId } from "@hubbub/protocol";
import { sealTicket } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { TestClient } from "../test/test-client.ts";
import { openWorld, startTestGateway } from "../test/test-gateway.ts";

const EVENT = "a" as EventId;
const world = await openWorld();

/** A connection with the token of an exchanged personal access token. */
async function connect(scope: string) {
  const ann = await world.user();
  const room = await world.room(ann);
  const gateway = await startTestGateway(world);
  const token = await world.keys.sign({ sub: ann.id, sid: ann.session, name: ann.username, scope }, 600);
  const client = await gateway.client();
  await client.ask({ type: "hello", token }, "ready");
  return { client, gateway, room };
}

const refused = { type: "error", code: "insufficient_scope" };

test("a token that only reads may listen, and not publish or type", async () => {
  const { client, gateway, room } = await connect("read");
  await using _ = gateway;
  await client.ask({ type: "subscribe", room }, "subscribed");
  expect(await client.ask({ type: "publish", room, id: EVENT, text: "hello" }, "error")).toMatchObject(refused);
  expect(await client.ask({ type: "edit", room, id: EVENT, target: 1, text: "hello" }, "error")).toMatchObject(refused);
  await client.ask({ type: "ping" }, "pong");
});

test("a token that only writes may publish, and not listen", async () => {
  const { client, gateway, room } = await connect("write scope-of-the-future");
  await using _ = gateway;
  expect(await client.ask({ type: "subscribe", room }, "error")).toMatchObject(refused);
  expect(await client.ask({ type: "publish", room, id: EVENT, text: "hello" }, "ack")).toMatchObject({ seq: 1 });
  // News of the user would be read too.
  const token = await world.keys.sign(
    { sub: newId<UserId>(), sid: newId<SessionId>(), name: "x", scope: "write" },
    600,
  );
  const other = await gateway.client();
  expect(await other.ask({ type: "hello", token, personal: true }, "error")).toMatchObject(refused);
});

test("a token without any known scope may do nothing but ping", async () => {
  const { client, gateway, room } = await connect("");
  await using _ = gateway;
  expect(await client.ask({ type: "subscribe", room }, "error")).toMatchObject(refused);
  await client.ask({ type: "ping" }, "pong");
});

test("a ticket in the query or a subprotocol is the hello, with its scopes; a hello frame takes one too", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const room = await world.room(ann);
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const ticket = () =>
    sealTicket(world.keys, { sub: ann.id, sid: ann.session, name: ann.username, exp, scope: "read" });
  const protocols = ["hubbub.v1", `hubbub.v1.ticket.${ticket()}`];
  const byProtocol = await new TestClient(gateway.url, { protocols }).open();
  const byQuery = await new TestClient(`${gateway.url}?personal=true&ticket=${ticket()}`).open();
  for (const client of [byProtocol, byQuery]) {
    expect(await client.find(() => true)).toMatchObject({ type: "ready", ref: 0, user: { id: ann.id } });
    expect(client.socket.protocol).toBe("hubbub.v1");
    expect(await client.ask({ type: "publish", room, id: EVENT, text: "hello" }, "error")).toMatchObject(refused);
  }
  await gateway.broker.publishSignal(ann.id, '{"type":"personal","kind":"status","away":true}');
  await byQuery.find(({ type }) => type === "personal");
  expect(byProtocol.frames.filter(({ type }) => type === "personal")).toEqual([]);
  const renewed = ticket();
  await byProtocol.ask({ type: "hello", token: renewed }, "ready");
  expect(await byProtocol.ask({ type: "hello", token: renewed }, "error")).toMatchObject({ code: "bad_ticket" });
  byQuery.close();
});

test("an access token is no ticket, and a ticket of another secret or time none either", async () => {
  await using gateway = await startTestGateway(world);
  const ann = await world.user();
  const claims = { sub: ann.id, sid: ann.session, name: ann.username, exp: Math.floor(Date.now() / 1_000) + 600 };
  const now = Date.now();
  const wrong = [
    sealTicket({ secrets: () => [new Uint8Array(32)] }, claims),
    sealTicket(world.keys, claims, now - 31_000),
    sealTicket(world.keys, claims, now + 65_000),
    `hwt_${await ann.token()}`,
    await ann.token(),
    "hwt_",
  ];
  for (const ticket of wrong) {
    const client = await new TestClient(`${gateway.url}?ticket=${ticket}`).open();
    expect(await client.error("bad_ticket")).toMatchObject({ ref: 0 });
    expect((await client.closed).code).toBe(4500);
  }
});
