import { BrokerUnavailable } from "@hubbub/broker";
import { createLogger } from "@hubbub/runtime";
import { afterAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi } from "../test/test-api.ts";
import { UntoldRelay } from "./untold-relay.ts";

const BY = { by: "operator" } as const;

const world = await openWorld();
afterAll(() => world[Symbol.asyncDispose]());
const log = createLogger({ level: "silent", node: "test" });

/** A way to the gateways that can be cut, while the log works. */
const link = { isCut: false };
const broker = new Proxy(world.broker, {
  get(target, key) {
    if (key === "publishControl" && link.isCut) return () => Promise.reject(new BrokerUnavailable("away"));
    const member: unknown = Reflect.get(target, key);
    return typeof member === "function" ? member.bind(target) : member;
  },
});
const cutWorld = Object.assign(Object.create(world), { broker });

/** A room of two in front of an api whose relay is not the one that is tested, with the way to the gateways cut. */
async function roomOfTwo(visibility: "public" | "private" = "private") {
  link.isCut = false;
  const api = new TestApi(cutWorld);
  const [owner, other] = [await api.guest(), await api.guest()];
  const { id: room } = await api.room(owner, visibility);
  const at = async (who: Person, method: string, path: string, body?: object) =>
    (await api.call(method, `/rooms/${room}${path}`, { token: who.token, body })).status;
  expect(await at(owner, "POST", "/members", { username: other.user.username })).toBe(201);
  await at(owner, "PUT", `/members/${other.user.id}`, { role: "admin" });
  world.controls.length = 0;
  link.isCut = true;
  return { api, owner, other, room, at };
}

test.each([
  ["deletes the room", "owner", "DELETE", "", undefined, "room-closed"],
  ["leaves a private room", "other", "POST", "/leave", undefined, "member-removed"],
  ["steps down", "other", "PUT", "/members/other", { role: "member" }, "member-changed"],
] as const)(
  "a user who %s and is not answered may repeat it, and gateways are told later",
  async (_what, name, method, path, body, type) => {
    const { api, other, room, at, ...people } = await roomOfTwo();
    const who = name === "owner" ? people.owner : other;
    const act = () => at(who, method, path.replace("other", other.user.id), body);
    expect(await act()).toBe(503);
    link.isCut = false;
    expect(await act()).toBe(204);
    await expect
      .poll(() => world.controls, { timeout: 5_000 })
      .toContainEqual({ type, room, ...(type === "room-closed" ? {} : { user: who.user.id }) });
    await api.close();
  },
);

test("what a process could not tell before it died is told by another one, as it is by then", async () => {
  const { api, other, room } = await roomOfTwo();
  await api.close();
  const { id: user } = other.user;
  const told = () => world.controls.filter((control) => "room" in control && control.room === room);
  await world.store.members.mute(room, user, new Date(Date.now() + 60_000), BY);
  const relay = new UntoldRelay({ store: world.store, broker, log });
  await expect(relay.step()).rejects.toThrow(BrokerUnavailable);
  link.isCut = false;
  await expect.poll(told, { timeout: 5_000 }).toEqual([{ type: "member-changed", room, user }]);
  await world.store.members.remove(room, user, BY);
  await expect.poll(told, { timeout: 5_000 }).toContainEqual({ type: "member-removed", room, user });
  await world.store.members.add(room, user, "member");
  await world.store.rooms.setArchived(room, true, BY);
  await expect.poll(told, { timeout: 5_000 }).toContainEqual({ type: "room-changed", room });
  await relay.close();
  expect(await world.store.untoldChanges.list(1_000)).toEqual([]);
  expect(told()).toHaveLength(3);
});
