import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../test/test-api.ts";

const ADMIN_TOKEN = "operators-only-please";
let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ADMIN_TOKEN });
});
afterAll(() => world[Symbol.asyncDispose]());

test("operators see the gateways; others learn nothing", async () => {
  await world.broker.presence.renew({ node: "gateway-1", connections: 3, rooms: 2, startedAt: 1 });
  const nodes = await api.call("GET", "/admin/nodes", { token: ADMIN_TOKEN });
  expect(nodes.body).toMatchObject({ nodes: [{ node: "gateway-1", connections: 3, rooms: 2 }] });
  const { token: users } = await api.guest();
  for (const token of [users, `${ADMIN_TOKEN}x`, undefined]) {
    const answer = await api.call("GET", "/admin/nodes", { token });
    expect(answer).toMatchObject({ status: 401, body: { code: "bad_token" } });
  }
  const closed = await new TestApi(world).call("GET", "/admin/nodes", { token: ADMIN_TOKEN });
  expect(closed).toMatchObject({ status: 404, body: { code: "not_found" } });
});

test("operators drain a zone, see how far it is, and rebalance; the audit names them", async () => {
  const { nodes, audit } = world.store;
  const as = (method: string, path: string, body?: object) => api.call(method, path, { token: ADMIN_TOKEN, body });
  for (const [name, zone] of [["g-1", "a"] as const, ["g-2", "b"] as const]) {
    await nodes.renew({ name, roles: "gateway", build: "1.2.3" });
    await nodes.look(name, zone, { state: "serving", connections: name === "g-1" ? 100 : 0, moving: 0 });
  }
  expect(await as("PUT", "/admin/nodes/zones/c", { drained: true })).toMatchObject({
    status: 404,
    body: { code: "unknown_zone", detail: "no running process is in zone c; zones are: a, b" },
  });
  expect((await as("PUT", "/admin/nodes/zones/a", { drained: true })).status).toBe(204);
  expect(await as("PUT", "/admin/nodes/zones/b", { drained: true })).toMatchObject({
    status: 409,
    body: { code: "zone_needed" },
  });
  const { body } = await as("GET", "/admin/nodes/zones");
  expect(body).toMatchObject({
    zones: [
      { zone: "a", drained: true, processes: [{ name: "g-1", roles: ["gateway"], connections: 100, silent: false }] },
      { zone: "b", drained: false },
    ],
  });
  expect((await as("PUT", "/admin/nodes/zones/a", { drained: false })).status).toBe(204);
  expect(await as("POST", "/admin/nodes/rebalance", { maxMovePercent: 30 })).toMatchObject({
    status: 202,
    body: { moves: [{ node: "g-1", connections: 100, moves: 30 }] },
  });
  expect(await as("POST", "/admin/nodes/rebalance", {})).toMatchObject({
    status: 409,
    body: { code: "rebalance_running" },
  });
  const { entries } = await audit.list({ actor: "operator" }, { limit: 3 });
  expect(entries.map(({ act }) => act)).toEqual(["rebalance", "zone_undrain", "zone_drain"]);
  for (const name of ["g-1", "g-2"]) await nodes.drop(name);
});
