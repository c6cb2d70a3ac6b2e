import { type ControlMessage, createMemoryBroker } from "@hubbub/broker";
import { newId, type Problem, type RoomId } from "@hubbub/protocol";
import type {
  ClusterView,
  ConnectionsAnswer,
  ConnectionsPage,
  ConnectionView,
  MinutesView,
  RoomView,
} from "@hubbub/protocol/http-figures";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

const NONE = {
  rooms: 0,
  accepted: 0,
  delivered: 0,
  stored: 0,
  refused: 0,
  cpu: 0,
  loop: 0,
  memory: 0,
  unstored: 0,
  lag: 0,
};
const FIGURES = { ...NONE, connections: 3 };
const MINUTE_MS = 60_000;
/** Gateways are never as fast as the question. */
const ANSWERS_MS = 20;
const DAY_MS = 86_400_000;
const broker = createMemoryBroker({ shards: 4, backlogMaxEvents: 300, durableAccept: false });
let world: World;
let api: TestApi;
let support: Person;
/** What the gateways answer, by name. */
const gateways = new Map<string, ConnectionsAnswer>();

beforeAll(async () => {
  world = await openWorld({ broker });
  api = new TestApi(world);
  support = await api.signup();
  await world.store.admin.setRole(support.user.id, "support", { by: "operator" });
  const { presence } = broker;
  world.controls.push = (...messages: ControlMessage[]) => {
    for (const message of messages) {
      if (message.type !== "asked") continue;
      for (const [node, answer] of gateways) {
        if (message.node === undefined || message.node === node)
          setTimeout(() => void presence.figures.answer(message.id, node, JSON.stringify(answer)), ANSWERS_MS);
      }
    }
    return 0;
  };
});
afterAll(async () => {
  await api.close();
  await world[Symbol.asyncDispose]();
});

const get = async <Body>(by: Person, path: string) => await api.call<Body & Problem>("GET", path, { token: by.token });
const tell = (node: string, more: object = {}) => {
  const told = {
    node,
    roles: ["gateway"],
    build: "0.1.0",
    startedAt: 1,
    state: "ready",
    figures: FIGURES,
    busiest: [],
    ...more,
  };
  return broker.presence.figures.tell(node, JSON.stringify(told));
};
const gateway = async (node: string, answer: ConnectionsAnswer | null) => {
  await broker.presence.renew({ node, connections: 0, rooms: 0, startedAt: 1 });
  if (answer === null) gateways.delete(node);
  else gateways.set(node, answer);
};
const connection = (node: string, given: Partial<ConnectionView> = {}): ConnectionView => ({
  ...{ id: newId(), node, address: "192.0.x.x", openedAt: 1, rooms: 2, unsent: 0, slow: false },
  ...given,
});

test("only people with a server role see figures, rooms and connections, and the refusal says who grants it", async () => {
  const ann = await api.signup();
  const { id } = await api.room(ann);
  for (const path of [
    "/admin/cluster",
    "/admin/cluster/minutes",
    `/admin/rooms/${id}`,
    "/admin/connections?node=one",
  ]) {
    const refused = await get(ann, path);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      403,
      "forbidden",
      "this needs a server role, which an operator grants",
    ]);
    expect((await get(support, path)).status).toBe(200);
  }
});

test("the cluster is what processes told, with names of public rooms alone, and without what no build knows", async () => {
  const { id: open, name } = await api.room(support);
  const { id: secret } = await api.room(support, "private");
  await tell("one", {
    busiest: [
      { room: open, perSecond: 2 },
      { room: secret, perSecond: 7 },
    ],
  });
  await tell("two", { state: "draining", busiest: [{ room: open, perSecond: 1 }] });
  await tell("three", { figures: "many" });
  const { at, nodes, busiest } = (await get<ClusterView>(support, "/admin/cluster")).body;
  expect(nodes).toMatchObject([
    { node: "one", state: "ready", figures: FIGURES },
    { node: "two", state: "draining" },
  ]);
  for (const { seenAt } of nodes) expect(at - seenAt).toBeLessThan(5_000);
  expect(busiest).toEqual([
    { room: secret, perSecond: 7 },
    { room: open, perSecond: 3, name },
  ]);
});

test("minutes are those of the last hour and of the same hour a day before, of one process or all", async () => {
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const put = (node: string, at: number) =>
    world.store.stats.put({ node, minute: new Date(at), figures: FIGURES, busiest: {} });
  for (const at of [now - MINUTE_MS, now - MINUTE_MS - DAY_MS, now - 62 * MINUTE_MS, now]) await put("one", at);
  await put("two", now - MINUTE_MS);
  const ask = async (query: string) => (await get<MinutesView>(support, `/admin/cluster/minutes${query}`)).body;
  expect(await ask("")).toMatchObject({
    today: [{ at: now - MINUTE_MS, connections: 6 }],
    yesterday: [{ at: now - MINUTE_MS - DAY_MS, connections: 3 }],
  });
  expect(await ask("?node=two")).toMatchObject({ today: [{ connections: 3 }], yesterday: [] });
  expect((await get(support, "/admin/cluster/minutes?node=a%20b")).status).toBe(400);
});

test("a room shows its figures, and which gateways serve it; one that does not answer is named", async () => {
  const { id } = await api.room(support);
  await gateway("one", { total: 5, users: 4, connections: [] });
  await gateway("deaf", null);
  await api.call("POST", `/rooms/${id}/messages`, { token: support.token, body: { id: newId(), text: "hello" } });
  const { body } = await get<RoomView>(support, `/admin/rooms/${id}`);
  expect(body).toMatchObject({
    ...{ room: id, members: 1, visibility: "public", head: { durable: 0 }, today: [], yesterday: [] },
    ...{ nodes: [{ node: "one", connections: 5, users: 4 }], silent: ["deaf"] },
  });
  expect(body.head?.seq).toBeGreaterThan(0);
  expect((await get(support, `/admin/rooms/${newId<RoomId>()}`)).body.code).toBe("unknown_room");
});

test("connections come from all gateways in the order of their age, in pages, and each page leaves an entry in the audit", async () => {
  const all = Array.from({ length: 60 }, (_none, at) =>
    connection(at % 2 === 0 ? "one" : "two", { user: support.user }),
  );
  const of = (node: string) => all.filter((one) => one.node === node);
  await gateway("one", { total: 30, users: 1, connections: of("one") });
  await gateway("two", { total: 30, users: 1, connections: of("two") });
  await broker.presence.drop("deaf");
  const path = `/admin/connections?user=${support.user.id}`;
  const first = (await get<ConnectionsPage>(support, path)).body;
  expect(first.connections).toEqual(all.slice(0, 50));
  expect(first).toMatchObject({ total: 60, silent: [], cursor: all[49]?.id });
  await gateway("one", { total: 30, users: 1, connections: of("one").slice(25) });
  await gateway("two", { total: 30, users: 1, connections: of("two").slice(25) });
  const second = (await get<ConnectionsPage>(support, `${path}&after=${first.cursor}`)).body;
  expect(second.connections).toEqual(all.slice(50));
  expect(second).not.toHaveProperty("cursor");
  const alone = (await get<ConnectionsPage>(support, "/admin/connections?node=two")).body;
  expect(alone).toMatchObject({ total: 30 });
  const { entries } = await world.store.audit.list({ act: "connections_read" }, { limit: 10 });
  expect(entries.slice(0, 3)).toMatchObject([
    { actor: support.user.id, subject: null, details: { node: "two" } },
    { actor: support.user.id, subject: support.user.id },
    { actor: support.user.id, subject: support.user.id },
  ]);
  expect((await get<ConnectionsPage>(support, "/admin/connections")).body.connections.length).toBeGreaterThan(0);
});

test("people with a server role see zones; an admin orders a drain, and support does not", async () => {
  expect((await get(support, "/admin/zones")).body).toMatchObject({ zones: [] });
  const order = (by: Person, method: string, path: string, body: object) =>
    api.call<Problem>(method, path, { token: by.token, body });
  const drain = (by: Person) => order(by, "PUT", "/admin/zones/a", { drained: true });
  const rebalance = (by: Person) => order(by, "POST", "/admin/rebalance", {});
  const [ann, admin] = [await api.signup(), await api.signup()];
  await world.store.admin.setRole(admin.user.id, "admin", { by: "operator" });
  expect((await get(ann, "/admin/zones")).status).toBe(403);
  for (const by of [ann, support]) expect([(await drain(by)).status, (await rebalance(by)).status]).toEqual([403, 403]);
  expect((await drain(admin)).body.code).toBe("unknown_zone");
  expect((await rebalance(admin)).body.code).toBe("rebalance_needless");
  const telling = { state: "serving", connections: 1, moving: 0 } as const;
  for (const zone of ["a", "b"]) {
    await world.store.nodes.renew({ name: zone, roles: "gateway,api,writer", build: "0.1.0" });
    await world.store.nodes.look(zone, zone, telling);
  }
  expect((await drain(admin)).status).toBe(204);
  expect((await get(support, "/admin/zones")).body).toMatchObject({
    zones: [
      { zone: "a", drained: true },
      { zone: "b", drained: false },
    ],
  });
  expect((await order(admin, "PUT", "/admin/zones/a", { drained: false })).status).toBe(204);
  const drainOne = (by: Person, drained: boolean) => order(by, "PUT", "/admin/processes/b", { drained });
  expect((await drainOne(support, true)).status).toBe(403);
  expect((await drainOne(admin, true)).status).toBe(204);
  expect((await get(support, "/admin/zones")).body).toMatchObject({
    zones: [{ processes: [{ name: "a", drained: false }] }, { processes: [{ name: "b", drained: true }] }],
  });
  expect((await drain(admin)).body.code).toBe("zone_needed");
  expect((await drainOne(admin, false)).status).toBe(204);
  const { entries } = await world.store.audit.list({ actor: admin.user.id }, { limit: 4 });
  const acts = ["process_undrain", "process_drain", "zone_undrain", "zone_drain"];
  expect(entries.map(({ act }) => act)).toEqual(acts);
});
