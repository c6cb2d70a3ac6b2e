import { chainFaults, newId, type RoomId } from "@hubbub/protocol";
import type { RoomChain } from "@hubbub/protocol/http-chain";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../../test/test-api.ts";
import { ChainSealer, SEALED_AT_MS } from "./chain-sealer.ts";

let world: World;
let api: TestApi;
let owner: Person;
let member: Person;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
  [owner, member] = await Promise.all([api.guest(), api.guest()]);
});
afterAll(() => world[Symbol.asyncDispose]());

async function sealAll(): Promise<void> {
  await world.commit();
  const sealer = new ChainSealer({ store: world.store, log: createLogger({ level: "silent", node: "test" }) });
  while (await sealer.work(Date.now() + SEALED_AT_MS + 1_000));
  await sealer.close();
}

const call = <Body>(who: Person, method: string, path: string, body?: object) =>
  api.call<Body>(method, path, { token: who.token, ...(body === undefined ? {} : { body }) });

test("an owner has a room chained; its members read the links with their events, page by page", async () => {
  const { id: room } = await api.room(owner);
  await call(member, "POST", `/rooms/${room}/join`);
  const post = (at: number) => call(owner, "POST", `/rooms/${room}/messages`, { id: `m${at}`, text: `text ${at}` });
  for (let at = 0; at < 120; at++) await post(at);
  expect((await call(member, "GET", `/rooms/${room}/chain`)).status).toBe(404);
  expect((await call(member, "PUT", `/rooms/${room}/chain`)).status).toBe(403);
  expect((await call(owner, "PUT", `/rooms/${room}/chain`)).status).toBe(204);
  await sealAll();
  const read = async (query = "") => (await call<RoomChain>(member, "GET", `/rooms/${room}/chain${query}`)).body;
  const first = await read();
  const rest = await read(`?from=${first.next}`);
  expect([first.entries.length, rest.next, rest.before]).toEqual([100, undefined, first.entries.at(-1)?.link]);
  expect(rest.sealed).toEqual({ seq: rest.entries.at(-1)?.event["seq"], link: rest.entries.at(-1)?.link });
  const all = [...first.entries, ...rest.entries];
  expect(await chainFaults(first.before, all)).toEqual([]);
  const target = Number(all[50]?.event["seq"]);
  await call(owner, "DELETE", `/rooms/${room}/messages/${target}?id=gone`);
  await sealAll();
  const part = await read(`?from=${target}&to=${target + 1}`);
  expect(part.entries).toMatchObject([
    { salt: null, link: all[50]?.link, event: { text: "" } },
    { link: all[51]?.link },
  ]);
  expect(await chainFaults(part.before, part.entries)).toEqual([]);
  const stranger = await api.guest();
  expect((await call(stranger, "GET", `/rooms/${room}/chain`)).status).toBe(403);
});

test("a busy room and one that cannot be sealed hold back no other room", async () => {
  const rooms = [newId<RoomId>(), newId<RoomId>(), newId<RoomId>(), newId<RoomId>()].sort();
  const [busy, broken, quiet] = rooms;
  const left = new Map(rooms.map((room) => [room, room === busy ? Number.POSITIVE_INFINITY : 2]));
  const seal = vi.fn(async (room: RoomId) => {
    if (room === broken) throw new Error("not sealed");
    const count = left.get(room) ?? 0;
    left.set(room, count - 1);
    return Math.min(1, Math.max(0, count));
  });
  const due = async (_before: number, after: RoomId | null) => {
    const [room = null] = rooms.filter((one) => one > (after ?? "") && (left.get(one) ?? 0) > 0);
    return { room, next: room };
  };
  const chains = { ...world.store.chains, due, seal };
  const sealer = new ChainSealer({ store: { chains }, log: createLogger({ level: "silent", node: "test" }) });
  for (let step = 0; step < 15; step += 1) expect(await sealer.work()).toBe(true);
  expect(seal.mock.calls.filter(([room]) => room === quiet)).toHaveLength(2);
  left.clear();
  while (await sealer.work());
  const calls = seal.mock.calls.length;
  expect(await sealer.work()).toBe(false);
  expect(seal.mock.calls).toHaveLength(calls);
  await sealer.close();
});
