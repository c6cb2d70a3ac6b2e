import type { RoomId } from "@hubbub/protocol";
import type { Members } from "@hubbub/store";
import { expect, test } from "vitest";
import { withBroker } from "../test/faulty-broker.ts";
import type { TestClient } from "../test/test-client.ts";
import {
  memoryBroker,
  openWorld,
  say,
  startTestGateway,
  type TestGateway,
  type TestUser,
} from "../test/test-gateway.ts";

const world = await openWorld();

const BEGINNING = { seq: 0, epoch: 0 };

/** Answers that pass wait, as they are, from `halt` until `goOn`. */
function createGate() {
  const state = { gate: Promise.resolve(), waiting: 0, open: (): void => undefined };
  return {
    waiting: () => state.waiting,
    halt() {
      state.gate = new Promise((resolve) => {
        state.open = resolve;
      });
    },
    goOn: () => state.open(),
    async pass<Answer>(answer: Promise<Answer>): Promise<Answer> {
      const told = await answer;
      state.waiting += 1;
      await state.gate;
      state.waiting -= 1;
      return told;
    },
  };
}

async function remove(gateway: TestGateway, room: RoomId, { id: user }: TestUser) {
  await world.store.members.leave(room, user);
  await gateway.broker.publishControl({ type: "member-removed", room, user });
}

async function expectDeaf(gateway: TestGateway, client: TestClient, room: RoomId): Promise<void> {
  const heard = client.seqs(room).length;
  await say(gateway, room, await world.user(), 3);
  await client.ask({ type: "ping" }, "pong");
  expect(client.seqs(room)).toHaveLength(heard);
  expect(await client.ask({ type: "subscribe", room, since: BEGINNING }, "error")).toMatchObject({
    code: "not_member",
  });
  expect(client.seqs(room)).toHaveLength(heard);
}

test.each(["for the first time", "anew"])(
  "a member removed during the lookup for a subscribe, %s, does not get in",
  async (how) => {
    const gate = createGate();
    const members: Members = {
      ...world.store.members,
      standings: (pairs) => gate.pass(world.store.members.standings(pairs)),
    };
    await using gateway = await startTestGateway({ ...world, store: { ...world.store, members } });
    const [ann, bob] = [await world.user(), await world.user()];
    const room = await world.room(ann, bob);
    await say(gateway, room, ann, 10);
    const client = await gateway.as(bob);
    if (how === "anew") await client.ask({ type: "subscribe", room }, "subscribed");
    await gateway.broker.publishControl({ type: "member-added", room, user: bob.id });
    gate.halt();
    const asked = client.send({ type: "subscribe", room, since: BEGINNING });
    await expect.poll(gate.waiting).toBe(1);
    await remove(gateway, room, bob);
    await client.find((frame) => frame.type === "removed");
    gate.goOn();
    const answer = await client.find((frame) => "ref" in frame && frame.ref === asked);
    expect(answer).toMatchObject({ type: "error", code: "not_member" });
    expect(client.seqs(room)).toEqual([]);
    await expectDeaf(gateway, client, room);
  },
);

test("a member removed during a catch-up gets nothing more of the room", async () => {
  const gate = createGate();
  const inner = memoryBroker();
  const broker = withBroker(inner, { tail: (...asked) => gate.pass(inner.tail(...asked)) });
  await using gateway = await startTestGateway(world, {}, broker);
  const [ann, bob] = [await world.user(), await world.user()];
  const room = await world.room(ann, bob);
  await say(gateway, room, ann, 600);
  const client = await gateway.as(bob);
  gate.halt();
  const refs = [1, 2].map(() => client.send({ type: "subscribe", room, since: BEGINNING }));
  await expect.poll(gate.waiting).toBe(1);
  await client.ask({ type: "ping" }, "pong");
  await remove(gateway, room, bob);
  await client.find((frame) => frame.type === "removed");
  gate.goOn();
  for (const ref of refs) {
    const answer = await client.find((frame) => "ref" in frame && frame.ref === ref);
    expect(answer).toMatchObject({ type: "error", code: "not_member" });
  }
  expect(client.seqs(room)).toEqual([]);
  await expectDeaf(gateway, client, room);
});

test("a connection that closes during a catch-up leaves nothing: its room closes, and its queued subscribes look up nothing", async () => {
  const gate = createGate();
  const inner = memoryBroker();
  const broker = withBroker(inner, { tail: (...asked) => gate.pass(inner.tail(...asked)) });
  let questions = 0;
  const members: Members = {
    ...world.store.members,
    standings(pairs) {
      questions += 1;
      return world.store.members.standings(pairs);
    },
  };
  const env = { ROOM_LINGER_MS: "0", HEADS_CHECK_MS: "50" };
  await using gateway = await startTestGateway({ ...world, store: { ...world.store, members } }, env, broker);
  const ann = await world.user();
  const room = await world.room(ann);
  await say(gateway, room, ann, 600);
  const client = await gateway.as(ann);
  gate.halt();
  for (let at = 0; at < 3; at++) client.send({ type: "subscribe", room, since: BEGINNING });
  await expect.poll(gate.waiting).toBe(1);
  await client.ask({ type: "ping" }, "pong");
  await gateway.broker.publishControl({ type: "member-added", room, user: ann.id });
  client.close();
  await expect.poll(() => gateway.metrics()).toContain("hubbub_connections 0");
  gate.goOn();
  // Until no answer is under way.
  await gateway.gateway.drain(AbortSignal.timeout(5_000));
  await expect.poll(() => gateway.metrics()).toContain("hubbub_rooms 0");
  expect(questions).toBe(1);
});
