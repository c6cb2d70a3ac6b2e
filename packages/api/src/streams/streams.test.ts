import type { FilterCheck, HistoryPage, RoomModelInfo, WatchInfo } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world, { ROOMS_PER_MINUTE_PER_USER: "100000" });
  [owner, member] = await Promise.all([api.signup(), api.signup()]);
});
afterAll(() => world[Symbol.asyncDispose]());

const FIELDS = { price: { type: "number" }, side: { type: "enum", values: ["buy", "sell"] } };

let serial = 0;
async function openFeed() {
  const { id: room } = await api.room(owner);
  await api.call("POST", `/rooms/${room}/join`, { token: member.token });
  const call = <Body = { code?: string; detail?: string }>(who: Person, method: string, path: string, body?: object) =>
    api.call<Body>(method, `/rooms/${room}${path}`, { token: who.token, ...(body === undefined ? {} : { body }) });
  await call(owner, "PUT", "/model", { fields: FIELDS });
  const post = (rows: object[], id = `data-${++serial}`) =>
    call<{ seq: number; duplicate?: true; code?: string; detail?: string }>(member, "POST", "/data", { id, rows });
  const watch = (where: unknown, who = member) =>
    call<WatchInfo & { code?: string; detail?: string }>(who, "POST", "/watches", { where });
  return { room, call, post, watch };
}

test("records are accepted once, as the model has them, and are part of the history of the room", async () => {
  const { call, post } = await openFeed();
  expect((await post([{ price: 1, side: "buy" }, { price: null }], "one")).status).toBe(201);
  expect((await post([{ price: 1, side: "buy" }, { price: null }], "one")).body.duplicate).toBe(true);
  expect((await post([{ cost: 1 }])).body).toMatchObject({
    code: "bad_request",
    detail: 'the model has no field "cost"',
  });
  expect((await post([{ side: "bye" }])).body.detail).toBe("side must be one of buy, sell");
  expect((await post([{ price: "1" }])).body.detail).toBe("price must be a finite number");
  expect((await post([{ at: 5 }])).body.code).toBe("bad_request");
  const read = async () => (await call<HistoryPage>(member, "GET", "/messages")).body.messages.at(-1);
  const before = await read();
  await world.commit();
  expect(before).toMatchObject({ kind: "data", rows: [{ price: 1, side: "buy" }, { price: null }] });
  expect(await read()).toEqual(before);
});

test("a model is set by an admin of the room, and its version rises with a change only", async () => {
  const { call } = await openFeed();
  expect((await call(member, "PUT", "/model", { fields: FIELDS })).body.code).toBe("forbidden");
  const set = async (fields: object) => (await call<RoomModelInfo>(owner, "PUT", "/model", { fields })).body.version;
  expect(await set(FIELDS)).toBe(1);
  expect(await set({ ...FIELDS, note: { type: "string" } })).toBe(2);
  for (const fields of [{ constructor: { type: "string" } }, { at: { type: "time" } }, { e: { type: "enum" } }, {}])
    expect((await call(owner, "PUT", "/model", { fields })).body.code).toBe("bad_request");
  const { id: plain } = await api.room(owner);
  const { body } = await api.call<{ code: string }>("POST", `/rooms/${plain}/data`, {
    token: owner.token,
    body: { id: "x", rows: [{}] },
  });
  expect(body.code).toBe("no_model");
});

test("equal filters of two members are one derived room, which both read and nobody writes", async () => {
  const { watch } = await openFeed();
  const one = (await watch('price > 5 && side == "buy"')).body;
  const other = (await watch('side in ["buy"] && !(price <= 5.0)', owner)).body;
  expect(other).toMatchObject({ room: one.room, where: one.where });
  const readAs = (who: Person) => api.call<HistoryPage>("GET", `/rooms/${one.room}/messages`, { token: who.token });
  expect((await readAs(member)).status).toBe(200);
  const stranger = await api.guest();
  expect((await readAs(stranger)).body).toMatchObject({ code: "unknown_room" });
  const body = { id: "x", text: "hello" };
  expect((await api.call("POST", `/rooms/${one.room}/messages`, { token: owner.token, body })).body).toMatchObject({
    code: "forbidden",
  });
  expect((await api.call("POST", `/rooms/${one.room}/join`, { token: member.token })).body).toMatchObject({
    code: "forbidden",
  });
  const again = { where: "price > 5" };
  expect(
    (await api.call("POST", `/rooms/${one.room}/watches`, { token: member.token, body: again })).body,
  ).toMatchObject({ code: "forbidden" });
});

test("who leaves the source reads its derived rooms no more, and gateways are told", async () => {
  const { call, watch } = await openFeed();
  const { room } = (await watch("price > 5")).body;
  await call(member, "POST", "/leave");
  expect(world.controls).toContainEqual({ type: "member-removed", room, user: member.user.id });
  expect((await world.store.untoldChanges.list(1_000)).map((change) => change.room)).toContain(room);
  expect((await api.call("GET", `/rooms/${room}/messages`, { token: member.token })).status).toBe(404);
});

test("a room that is deleted, and one that hides its history, have no derived rooms", async () => {
  const { room: source, call, watch } = await openFeed();
  const { room } = (await watch("price > 5")).body;
  await call(owner, "PATCH", "", { settings: { history: "joined" } });
  expect((await watch("price > 5")).body.code).toBe("forbidden");
  expect((await api.call("GET", `/rooms/${room}/messages`, { token: member.token })).status).toBe(404);
  await call(owner, "PATCH", "", { settings: {} });
  expect((await api.call("GET", `/rooms/${room}/messages`, { token: member.token })).status).toBe(200);
  await api.call("DELETE", `/rooms/${source}`, { token: owner.token });
  expect((await api.call("GET", `/rooms/${room}/messages`, { token: member.token })).status).toBe(404);
});

test("a filter with a fault is refused with its reason, and the check tells all of them with their places", async () => {
  const { call, watch } = await openFeed();
  expect((await watch("prise > 5")).body).toMatchObject({
    code: "filter_type",
    detail: 'There is no field "prise". Did you mean price?',
  });
  expect((await watch({ op: "eq", l: { f: "price" }, r: { v: "5" } })).body.code).toBe("filter_type");
  expect(
    (
      await watch(
        `side.contains("${"x".repeat(250)}") && ${Array.from({ length: 14 }, (_, at) => `side.contains("${at}${"x".repeat(230)}")`).join(" && ")}`,
      )
    ).body.code,
  ).toBe("too_costly");
  const check = async (where: unknown) => (await call<FilterCheck>(member, "POST", "/filters/check", { where })).body;
  expect((await check('prise > 5 && side == "bye"')).faults).toMatchObject([
    { code: "unknown_field", column: 1, nearest: "price" },
    { code: "not_in_enum", column: 14, nearest: "buy" },
  ]);
  expect(await check("5 < price")).toMatchObject({
    faults: [],
    where: "price > 5",
    cost: 1,
    fields: { author: { type: "id" } },
  });
});
