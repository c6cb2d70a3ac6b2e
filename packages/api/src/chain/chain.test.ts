import { chainFaults } from "@hubbub/protocol";
import type { RoomChain } from "@hubbub/protocol/http-chain";
import { createLogger } from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
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
