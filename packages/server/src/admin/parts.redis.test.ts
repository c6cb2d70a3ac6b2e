import { type ControlMessage, createRedisBroker } from "@hubbub/broker";
import { newId } from "@hubbub/protocol";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createTeller } from "./parts.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let store: Store;
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());

const open = (url: string, prefix: string) => createRedisBroker({ url, prefix, shards: 1, backlogMaxEvents: 100, log });

async function suspended() {
  const { id } = await store.users.create({ username: `user-${newId().slice(-12)}`, passwordHash: "hash" });
  const expiresAt = new Date(Date.now() + 60_000);
  await store.sessions.create(id, { refreshHash: newId(), expiresAt, max: 9 });
  return await store.admin.suspend(id, { reason: "", until: null }, { by: "operator" });
}

test("ended sessions are told to gateways and refused, and no api tells them again", async () => {
  const prefix = `admin-${newId()}`;
  await using gateway = open(inject("redisUrl"), prefix);
  const heard: ControlMessage[] = [];
  gateway.listen({ deliver: () => undefined, control: (one) => heard.push(one), interrupted: () => undefined });
  await using broker = open(inject("redisUrl"), prefix);
  const teller = createTeller(store, broker);
  expect(await teller.connect()).toBe(true);
  const since = new Date(Date.now() - 60_000);
  const [session] = await suspended();
  if (session === undefined) throw new Error("a session has ended");
  expect(await store.sessions.untold(since, 9)).toEqual([session]);
  await expect
    .poll(async () => {
      await teller.revoked([session]);
      return heard;
    })
    .toContainEqual({ type: "session-revoked", session });
  expect(await gateway.revocations.has(session)).toBe(true);
  expect(await store.sessions.untold(since, 9)).toEqual([]);
});

test("without Redis the answer comes within seconds, and an api tells of the sessions later", async () => {
  await using broker = open("redis://127.0.0.1:1", "nobody");
  const teller = createTeller(store, broker);
  const began = performance.now();
  expect(await teller.connect()).toBe(false);
  const [session] = await suspended();
  if (session === undefined) throw new Error("a session has ended");
  expect(await teller.revoked([session])).toBe(false);
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(await store.sessions.untold(new Date(Date.now() - 60_000), 9)).toEqual([session]);
}, 40_000);
