import { newId, type ServerFrame } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { countingBroker, withBroker } from "../test/faulty-broker.ts";
import { memoryBroker, openWorld, startTestGateway, type TestGateway, type TestUser } from "../test/test-gateway.ts";

const world = await openWorld();
const [ann, bob] = [await world.user(), await world.user()];

async function personal(gateway: TestGateway, user: TestUser) {
  const client = await gateway.client();
  await client.ask({ type: "hello", token: await user.token(), personal: true }, "ready");
  return client;
}

const isPersonal = (frame: ServerFrame) => frame.type === "personal";

test("a read mark reaches the other connections of the user at once, those that asked for it, and is stored", async () => {
  await using gateway = await startTestGateway(world);
  const room = await world.room(ann, bob);
  const [reading, other, plain, stranger] = [
    await personal(gateway, ann),
    await personal(gateway, ann),
    await gateway.as(ann),
    await personal(gateway, bob),
  ];
  reading.raw(JSON.stringify({ type: "read", room, seq: 0 }));
  expect(await other.find(isPersonal)).toEqual({ type: "personal", kind: "read", room, seq: 0 });
  for (const client of [plain, stranger]) {
    await client.ask({ type: "ping" }, "pong");
    expect(client.frames.filter(isPersonal)).toEqual([]);
  }
});

test("marks that wait are written when the gateway stops, and no mark is above the head", async () => {
  const room = await world.room(ann);
  {
    await using gateway = await startTestGateway(world);
    const client = await gateway.as(ann);
    await client.ask({ type: "subscribe", room }, "subscribed");
    for (const id of ["a", "b"]) await client.ask({ type: "publish", room, id: newId(), text: id }, "ack");
    client.raw(JSON.stringify({ type: "read", room, seq: 99 }));
    await client.ask({ type: "ping" }, "pong");
  }
  const [state] = await world.store.unread.states([{ user: ann.id, since: undefined, after: undefined }], 1_000);
  expect(state?.rooms.find((one) => one.room === room)).toMatchObject({ read: 2 });
});

test("a read mark of a room that the user is not in is refused", async () => {
  await using gateway = await startTestGateway(world);
  const client = await gateway.as(bob);
  client.raw(JSON.stringify({ type: "read", room: await world.room(ann), seq: 1 }));
  expect(await client.error("not_member")).toBeDefined();
});

test("a gateway subscribes to a user once for all connections that ask, and lets go after the linger", async () => {
  const { broker, asked } = countingBroker(memoryBroker());
  await using gateway = await startTestGateway(world, { ROOM_LINGER_MS: "0", HEADS_CHECK_MS: "50" }, broker);
  await gateway.as(ann);
  expect(asked.get("subscribe")).toBeUndefined();
  const clients = [await personal(gateway, ann), await personal(gateway, ann)];
  expect(asked.get("subscribe")).toBe(2);
  clients[0]?.close();
  await vi.waitFor(() => expect(asked.get("unsubscribe")).toBe(1));
  await broker.publishSignal(ann.id, '{"type":"personal","kind":"status","away":true}');
  expect(await clients[1]?.find(isPersonal)).toMatchObject({ kind: "status", away: true });
});

test("a connection that closes while the broker subscribes leaves no reference behind", async () => {
  const inner = memoryBroker();
  let confirm = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    confirm = resolve;
  });
  const { broker, asked } = countingBroker(
    withBroker(inner, {
      subscribe: async (to) => {
        await inner.subscribe(to);
        await held;
      },
    }),
  );
  await using gateway = await startTestGateway(world, { ROOM_LINGER_MS: "0", HEADS_CHECK_MS: "50" }, broker);
  const client = await gateway.client();
  client.send({ type: "hello", token: await ann.token(), personal: true });
  await vi.waitFor(() => expect(asked.get("subscribe")).toBe(1));
  client.close();
  await client.closed;
  confirm();
  await vi.waitFor(() => expect(asked.get("unsubscribe")).toBe(1));
});

test("G9 clients are told to read their state again when frames may have been lost", async () => {
  const inner = memoryBroker();
  let interrupted = (): void => undefined;
  const listen = (listener: Parameters<typeof inner.listen>[0]) => {
    interrupted = () => listener.interrupted();
    inner.listen(listener);
  };
  await using gateway = await startTestGateway(world, {}, withBroker(inner, { listen }));
  const client = await personal(gateway, ann);
  interrupted();
  expect(await client.find(isPersonal)).toMatchObject({ kind: "missed", afterMs: expect.any(Number) });
});

test("somebody who types is shown once in three seconds for each room", async () => {
  const { broker, asked } = countingBroker(memoryBroker());
  await using gateway = await startTestGateway(world, {}, broker);
  const rooms = [await world.room(ann), await world.room(ann)];
  const client = await gateway.as(ann);
  for (const room of [...rooms, ...rooms, ...rooms]) client.raw(JSON.stringify({ type: "typing", room }));
  await client.ask({ type: "ping" }, "pong");
  await vi.waitFor(() => expect(asked.get("publishSignal")).toBe(2));
});
