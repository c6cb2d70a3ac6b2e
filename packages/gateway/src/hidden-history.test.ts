import type { RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { deliveringBroker } from "../test/faulty-broker.ts";
import { openWorld, say, startTestGateway, type TestGateway, type TestUser } from "../test/test-gateway.ts";

const world = await openWorld();
const BEGINNING = { seq: 0, epoch: 0 };

/** `ann` has said three things when `bob` joins, and says two more. */
async function open() {
  const gateway = await startTestGateway(world);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann);
  await world.store.rooms.change(room, { settings: { history: "joined" } }, { by: "system" });
  await say(gateway, room, ann, 3);
  await world.store.members.add(room, bob.id, "member", "asked", 3);
  await say(gateway, room, ann, 2);
  return { gateway, room, ann, bob };
}

async function subscribed(gateway: TestGateway, user: TestUser, room: RoomId, since = BEGINNING) {
  const client = await gateway.as(user);
  const answer = await client.ask({ type: "subscribe", room, since }, "subscribed");
  return { client, answer };
}

test("a member from whom the room hides its history is told of a gap up to the join, and gets what follows", async () => {
  const { gateway, room, bob } = await open();
  await using _gateway = gateway;
  const { client, answer } = await subscribed(gateway, bob, room);
  expect(client.seqs(room)).toEqual([4, 5]);
  expect(answer).toMatchObject({ head: 5, recovered: false });
  expect(client.frames.filter(({ type }) => type === "gap")).toMatchObject([{ from: 1, to: 3, reason: "retention" }]);
});

test("the same member resumes behind the join without a gap, and an older member sees everything", async () => {
  const { gateway, room, ann, bob } = await open();
  await using _gateway = gateway;
  const { epoch } = (await subscribed(gateway, ann, room)).answer;
  const { client, answer } = await subscribed(gateway, bob, room, { seq: 4, epoch });
  expect(client.seqs(room)).toEqual([5]);
  expect(answer).toMatchObject({ recovered: true });
  expect((await subscribed(gateway, ann, room)).client.seqs(room)).toEqual([1, 2, 3, 4, 5]);
});

test("a message is refused by slow mode until its time has passed, and the same message again is not", async () => {
  const { gateway, room, bob } = await open();
  await using _gateway = gateway;
  await world.store.rooms.change(room, { settings: { slowModeSeconds: 600 } }, { by: "system" });
  await gateway.broker.publishControl({ type: "room-changed", room });
  const client = await gateway.as(bob);
  const first = { type: "publish", room, id: "one", text: "x" } as never;
  const { seq } = await client.ask(first, "ack");
  expect(await client.ask(first, "ack")).toMatchObject({ seq, duplicate: true });
  expect(await client.ask({ type: "publish", room, id: "two", text: "x" } as never, "error")).toMatchObject({
    code: "slow_mode",
    retryAfterMs: expect.toSatisfy((ms: number) => ms > 590_000),
  });
});

/** A gateway that has the room open and gets nothing of it until it goes on. */
async function openBehind() {
  const state = { isHeld: true, late: [] as (() => void)[] };
  const { broker } = deliveringBroker((room, frame, handOn) => {
    if (state.isHeld) state.late.push(() => handOn(room, frame));
    else handOn(room, frame);
  });
  const gateway = await startTestGateway(world, {}, broker);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann);
  await world.store.rooms.change(room, { settings: { history: "joined" } }, { by: ann.id });
  await subscribed(gateway, ann, room);
  await say(gateway, room, ann, 3, "secret");
  await world.store.members.add(room, bob.id, "member", "asked", 3);
  const goOn = () => {
    state.isHeld = false;
    for (const deliver of state.late.splice(0)) deliver();
  };
  return { gateway, room, ann, bob, goOn };
}

test("a gateway that is behind does not deliver what was said before a member joined", async () => {
  const { gateway, room, ann, bob, goOn } = await openBehind();
  await using _gateway = gateway;
  const client = await gateway.as(bob);
  await client.ask({ type: "subscribe", room }, "subscribed");
  goOn();
  await say(gateway, room, ann, 1);
  await client.find((frame) => frame.type === "event" && frame.seq === 4);
  expect(client.seqs(room)).toEqual([4]);
});

test.each(["is behind", "is not behind"])(
  "the head of a gateway that %s shows nothing of what was said before a member joined",
  async (how) => {
    const { gateway, room, ann, bob, goOn } = await openBehind();
    await using _gateway = gateway;
    const [older, client] = [await gateway.as(ann), await gateway.as(bob)];
    await older.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
    if (how === "is not behind") goOn();
    await client.ask({ type: "subscribe", room, mode: "head" }, "subscribed");
    goOn();
    await older.find((frame) => frame.type === "head" && frame.preview === "secret");
    await say(gateway, room, ann, 1, "open");
    await client.find((frame) => frame.type === "head" && frame.preview === "open");
    expect(JSON.stringify(client.frames)).not.toContain("secret");
  },
);
