import { CLOSE, type EventId, newId, type RoomEvent, type RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import { memoryBroker, openWorld, say, startTestGateway, type TestGateway, upTo } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

async function storeMessages(room: RoomId, count: number): Promise<void> {
  const { id, username } = ann;
  const lease = await world.store.shards.acquire(0, newId(), 1);
  if (lease === null) throw new Error("the shard is taken");
  const events = upTo(count).map(
    (seq): RoomEvent => ({
      type: "event",
      room,
      epoch: 1,
      seq,
      at: seq,
      by: { id, username },
      kind: "message",
      id: newId<EventId>(),
      text: `${seq}`,
    }),
  );
  await world.store.events.append({ lease, offset: newId(), events });
}

const LOST_EPOCH = 7_000_000;

/** Eleven messages of epoch 1 are in the store that was put back; twelve were said since, and numbered without a jump. */
async function putBack(
  broker = withBroker(memoryBroker(), { epochJump: 0 }),
): Promise<{ gateway: TestGateway; room: RoomId; epoch: number }> {
  const room = await world.room(ann);
  await world.store.rooms.beginEpoch(room, 0, 0);
  await storeMessages(room, 11);
  const gateway = await startTestGateway(world, {}, broker);
  await say(gateway, room, ann, 12);
  const [head] = await gateway.broker.heads([room]);
  return { gateway, room, epoch: head?.epoch ?? 0 };
}

test("G5 G6 numbers that an epoch never reached here are void, and the events of the present branch are replayed", async () => {
  const { gateway, room, epoch } = await putBack();
  await using _ended = gateway;
  const client = await gateway.as(ann);
  const answer = await client.ask({ type: "subscribe", room, since: { seq: 21, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ epoch, head: 23, recovered: false });
  expect(client.frames.slice(1, 3)).toEqual([
    { type: "gap", room, from: 12, to: 21, reason: "epoch" },
    { type: "epoch", room, epoch, head: 11 },
  ]);
  expect(client.seqs(room)).toEqual(upTo(12, 12));
});

test.each(["lower", "higher"])(
  "G5 G6 after an epoch that never existed here, %s than the room's, all numbers are void, and the present epoch is replayed",
  async (side) => {
    const { gateway, room, epoch } = await putBack();
    await using _ended = gateway;
    const client = await gateway.as(ann);
    const since = { seq: 21, epoch: side === "lower" ? epoch - 1 : epoch + 1 };
    const answer = await client.ask({ type: "subscribe", room, since }, "subscribed");
    expect(answer).toMatchObject({ epoch, head: 23, recovered: false });
    expect(client.frames.slice(1, 4)).toEqual([
      { type: "gap", room, from: 1, to: 21, reason: "epoch" },
      { type: "epoch", room, epoch, head: 0 },
      { type: "gap", room, from: 1, to: 11, reason: "epoch" },
    ]);
    await say(gateway, room, ann, 1);
    await expect.poll(() => client.seqs(room)).toEqual(upTo(13, 12));
  },
);

test("G2 G5 G6 a listener of an abandoned branch gets all events that the present one had before the gateway noticed", async () => {
  const lost = { isThere: false };
  const broker = memoryBroker();
  const heads: typeof broker.heads = async (rooms) =>
    lost.isThere ? rooms.map(() => ({ epoch: LOST_EPOCH, seq: 30, durable: 30 })) : await broker.heads(rooms);
  const { room, epoch, gateway } = await putBack(withBroker(broker, { epochJump: 0, heads }));
  await using _ended = gateway;
  lost.isThere = true;
  const client = await gateway.as(ann);
  expect(await client.ask({ type: "subscribe", room }, "subscribed")).toMatchObject({ epoch: LOST_EPOCH, head: 30 });
  lost.isThere = false;
  await expect.poll(() => client.seqs(room), { timeout: 10_000 }).toEqual(upTo(12, 12));
  const news = client.frames.filter(({ type }) => type === "gap" || type === "epoch");
  expect(news).toEqual([
    { type: "gap", room, from: 12, to: 30, reason: "epoch" },
    { type: "epoch", room, epoch, head: 11 },
  ]);
});

test("G2 G5 G6 a connection in catch-up is closed when its room goes on in another branch, and gets that one when it comes back", async () => {
  const lost = { isThere: false };
  let goOn = (): void => undefined;
  const reading = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const broker = memoryBroker();
  const heads: typeof broker.heads = async (rooms) =>
    lost.isThere ? rooms.map(() => ({ epoch: LOST_EPOCH, seq: 30, durable: 30 })) : await broker.heads(rooms);
  let isRead = false;
  const tail: typeof broker.tail = async (...asked) => {
    if (!lost.isThere) return await broker.tail(...asked);
    isRead = true;
    await reading;
    return [];
  };
  const { room, gateway } = await putBack(withBroker(broker, { epochJump: 0, heads, tail }));
  await using _ended = gateway;
  lost.isThere = true;
  const client = await gateway.as(ann);
  const since = { seq: 5, epoch: LOST_EPOCH };
  client.send({ type: "subscribe", room, since });
  await expect.poll(() => isRead).toBe(true);
  const listener = await gateway.as(ann);
  await listener.ask({ type: "subscribe", room }, "subscribed");
  lost.isThere = false;
  await expect.poll(() => listener.seqs(room), { timeout: 10_000 }).toEqual(upTo(12, 12));
  goOn();
  const subscribed = client.find(({ type }) => type === "subscribed").catch(() => client.closed);
  expect(await Promise.race([client.closed, subscribed])).toMatchObject({ code: CLOSE.goingAway });
  const again = await gateway.as(ann);
  expect(await again.ask({ type: "subscribe", room, since }, "subscribed")).toMatchObject({ recovered: false });
  expect(again.seqs(room)).toEqual(upTo(12, 12));
});

test("G5 a position of an earlier epoch that was reached here is simply behind", async () => {
  const { gateway, room, epoch } = await putBack();
  await using _ended = gateway;
  const client = await gateway.as(ann);
  const answer = await client.ask({ type: "subscribe", room, since: { seq: 9, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ epoch, head: 23, recovered: true });
  expect(client.frames.filter(({ type }) => type === "epoch")).toMatchObject([{ epoch, head: 11 }]);
  expect(client.seqs(room)).toEqual(upTo(14, 10));
});

/** Two processes begin an epoch of a room that the log has lost. The first one numbers the room, and the store has the other epoch too. */
async function beginTwice() {
  const room = await world.room(ann);
  const begin = (seen: number) => world.store.rooms.beginEpoch(room, seen, 1_000);
  await begin(0);
  await storeMessages(room, 11);
  const used = await begin(11);
  const unused = await begin(11);
  return { room, used, unused };
}

test("G2 G5 a room that was opened in an epoch which the log does not use goes on in that of the log", async () => {
  const { room, used, unused } = await beginTwice();
  await using gateway = await startTestGateway(world);
  const client = await gateway.as(ann);
  const answer = await client.ask({ type: "subscribe", room, since: { seq: 11, epoch: 1 } }, "subscribed");
  expect(answer).toMatchObject({ epoch: unused.epoch, head: 11 });
  await gateway.broker.initialise(room, { ...used, seen: 11 });
  await say(gateway, room, ann, 3);
  await expect.poll(() => client.seqs(room), { timeout: 10_000 }).toEqual(upTo(3, used.head + 1));
  const { epoch } = used;
  expect(client.frames.filter(({ type }) => type === "gap" || type === "epoch").slice(-2)).toEqual([
    { type: "epoch", room, epoch, head: 11 },
    { type: "gap", room, from: 12, to: used.head, reason: "epoch" },
  ]);
});

test("G2 G5 a client that comes with an epoch which the log does not use gets the events of the log's, and so do all others", async () => {
  const { room, used, unused } = await beginTwice();
  await using gateway = await startTestGateway(world);
  await gateway.broker.initialise(room, { ...used, seen: 11 });
  await say(gateway, room, ann, 1);
  const listener = await gateway.as(ann);
  await listener.ask({ type: "subscribe", room }, "subscribed");
  const client = await gateway.as(ann);
  const since = { seq: 11, epoch: unused.epoch };
  const answer = await client.ask({ type: "subscribe", room, since }, "subscribed");
  expect(answer).toMatchObject({ epoch: used.epoch, head: used.head + 1 });
  expect(client.frames.filter(({ type }) => type === "epoch")[0]).toMatchObject({ epoch: used.epoch, head: 11 });
  expect(client.seqs(room)).toEqual([used.head + 1]);
  await say(gateway, room, ann, 1);
  for (const one of [client, listener])
    await expect.poll(() => one.seqs(room).at(-1), { timeout: 10_000 }).toBe(used.head + 2);
  expect(listener.frames.filter(({ type }) => type === "epoch")).toEqual([]);
});

test("G8 the store is asked once for an epoch, however many clients come back from it", async () => {
  const { rooms } = world.store;
  let asked = 0;
  const counting = Object.assign(Object.create(world.store), {
    rooms: {
      ...rooms,
      epochAround(room: RoomId, epoch: number) {
        asked += 1;
        return rooms.epochAround(room, epoch);
      },
    },
  });
  const { room } = await putBack().then(async ({ gateway, ...made }) => {
    await gateway[Symbol.asyncDispose]();
    return made;
  });
  await using gateway = await startTestGateway({ ...world, store: counting });
  const clients = await Promise.all(upTo(20).map(() => gateway.as(ann)));
  await Promise.all(
    clients.map((client) => client.ask({ type: "subscribe", room, since: { seq: 21, epoch: 1 } }, "subscribed")),
  );
  expect(asked).toBe(1);
});
