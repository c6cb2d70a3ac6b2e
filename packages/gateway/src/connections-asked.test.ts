import type { Question } from "@hubbub/broker";
import { newId } from "@hubbub/protocol";
import { type ConnectionsAnswer, connectionsAnswer } from "@hubbub/protocol/http-figures";
import { expect, test, vi } from "vitest";
import { openWorld, startTestGateway, type TestGateway } from "../test/test-gateway.ts";

const world = await openWorld();

async function ask({ broker }: TestGateway, about: Partial<Question>): Promise<ConnectionsAnswer> {
  const id = newId();
  await broker.publishControl({ type: "asked", id, limit: 10, ...about });
  const text = await vi.waitFor(async () => {
    const [answer] = await broker.presence.figures.answers(id, ["test"]);
    if (typeof answer !== "string") throw new Error("no answer yet");
    return answer;
  });
  return connectionsAnswer.parse(JSON.parse(text));
}

test("a gateway answers which of its connections are of a user, in a room, or all, in pages by their age", async () => {
  await using gateway = await startTestGateway(world);
  const [ada, bob] = [await world.user(), await world.user()];
  const room = await world.room(ada, bob);
  const clients = [await gateway.as(ada), await gateway.as(ada), await gateway.as(bob)];
  // Says no hello.
  await gateway.client();
  // The newest joins first: the room has it before the others.
  for (const client of [clients[2], clients[0]])
    await client?.ask({ type: "subscribe", room, since: { seq: 0, epoch: 0 } }, "subscribed");

  const all = await ask(gateway, {});
  expect(all).toMatchObject({ total: 4, users: 2 });
  const names = all.connections.map(({ user }) => user?.username);
  expect(names).toEqual([ada.username, ada.username, bob.username, undefined]);
  const [first, second] = all.connections;
  expect(first).toMatchObject({ node: "test", address: "127.0.x.x", rooms: 1, unsent: 0, slow: false });
  expect(Math.abs(Date.now() - (first?.openedAt ?? 0))).toBeLessThan(60_000);
  expect(await ask(gateway, { limit: 1 })).toMatchObject({ total: 4, connections: [first] });
  const rest = await ask(gateway, { limit: 2, after: first?.id ?? "" });
  expect(rest.connections.map(({ id }) => id)).toEqual(all.connections.slice(1, 3).map(({ id }) => id));

  expect(await ask(gateway, { user: ada.id })).toMatchObject({ total: 2, users: 1, connections: [first, second] });
  const inRoom = await ask(gateway, { room });
  expect(inRoom.connections.map(({ user }) => user?.username)).toEqual([ada.username, bob.username]);
  expect(await ask(gateway, { room, limit: 0 })).toEqual({ total: 2, users: 2, connections: [] });
  expect(await ask(gateway, { room, user: ada.id })).toMatchObject({ total: 1, connections: [first] });
  expect(await ask(gateway, { node: "test", user: newId() })).toEqual({ total: 0, users: 0, connections: [] });
  const id = newId();
  await gateway.broker.publishControl({ type: "asked", id, limit: 1, node: "other" });
  await ask(gateway, {});
  expect(await gateway.broker.presence.figures.answers(id, ["test", "other"])).toEqual([null, null]);
});
