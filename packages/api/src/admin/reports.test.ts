import { newId, type Problem, type Report, type RoomId } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
let support: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
  support = await api.signup();
  await world.store.admin.setRole(support.user.id, "support", { by: "operator" });
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

const list = async (by: Person, query: string) =>
  (await api.call<{ reports: Report[] }>("GET", `/admin/reports?${query}`, { token: by.token })).body.reports;
const close = (by: Person, id: string | undefined, state = "acted") =>
  api.call<Problem>("PATCH", `/admin/reports/${id}`, { token: by.token, body: { state, note: "seen" } });

/** A message of somebody in a room, reported by another. */
async function report(author: Person, by: Person, room: RoomId) {
  const sent = { id: newId(), text: "buy" };
  const { seq } = (
    await api.call<{ seq: number }>("POST", `/rooms/${room}/messages`, { token: author.token, body: sent })
  ).body;
  await world.commit();
  const body = { reason: "spam" };
  const path = `/rooms/${room}/messages/${seq}/reports`;
  return (await api.call<{ id: string }>("POST", path, { token: by.token, body })).body.id;
}

test("people with a server role see reports of direct rooms and of all others, close them, and nobody else does", async () => {
  const [ann, bob] = [await api.signup(), await api.signup()];
  const { id: room } = await api.room(ann);
  await api.call("POST", `/rooms/${room}/join`, { token: bob.token, body: {} });
  const users = [bob.user.username];
  const direct = (await api.call<{ id: RoomId }>("POST", "/direct", { token: ann.token, body: { users } })).body.id;
  const [open, secret] = [await report(bob, ann, room), await report(bob, ann, direct)];
  expect(await list(support, "")).toMatchObject([{ id: open, room, message: "buy", author: bob.user }]);
  expect(await list(support, "direct=true")).toMatchObject([{ id: secret, room: direct }]);
  for (const person of [ann, bob]) {
    expect(await list(person, "")).toBeUndefined();
    expect(await close(person, open)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  }
  expect((await close(support, secret)).status).toBe(204);
  expect(await list(support, "direct=true")).toEqual([]);
  const [closed] = await list(support, "direct=true&state=closed");
  expect(closed).toMatchObject({ state: "acted", closedBy: support.user.id, note: "seen" });
  expect(await close(support, newId())).toMatchObject({ status: 404, body: { code: "unknown_report" } });
});

test("a report of an own message is left to others", async () => {
  const ann = await api.signup();
  const { id: room } = await api.room(ann);
  await api.call("POST", `/rooms/${room}/join`, { token: support.token, body: {} });
  const id = await report(support, ann, room);
  expect((await list(support, "")).map((one) => one.id)).not.toContain(id);
  expect(await close(support, id)).toMatchObject({ status: 404, body: { code: "unknown_report" } });
});
