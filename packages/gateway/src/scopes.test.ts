import { type EventId, newId, type SessionId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
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
