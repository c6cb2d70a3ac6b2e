import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  addSigningKey,
  ensureSigningKeys,
  promoteSigningKey,
  readSigningKeys,
  removeSigningKey,
} from "@hubbub/runtime";
import { Hono } from "hono";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiEnv } from "../context.ts";
import { routeKeys } from "./jwks.ts";

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-jwks-"));
  file = join(directory, "keys.json");
  await ensureSigningKeys(file);
});
afterAll(() => rm(directory, { recursive: true }));

/** A process that has just started: its keys, and what it publishes. */
async function start() {
  const keys = await readSigningKeys(file);
  const root = new Hono<ApiEnv>();
  routeKeys(root, keys.publicKeys);
  const response = await root.request("/.well-known/jwks.json");
  expect(response.headers.get("cache-control")).toBe("public, max-age=300");
  return { keys, published: (await response.json()) as JSONWebKeySet };
}

const verify = (token: string, published: JSONWebKeySet) =>
  jwtVerify(token, createLocalJWKSet(published), { issuer: "hubbub", audience: "hubbub", typ: "at+jwt" });

test("other services verify tokens with the published keys, at each step of a rotation", async () => {
  let before = await start();
  for (const step of [addSigningKey, promoteSigningKey, removeSigningKey]) {
    await step(file);
    const next = await start();
    const token = await next.keys.sign({ sub: "ada" }, 60);
    // A copy of the keys may be as old as the step before.
    for (const { published } of [before, next])
      expect((await verify(token, published)).payload.sub, step.name).toBe("ada");
    before = next;
  }
});

test("nothing private is published", async () => {
  const { published } = await start();
  const [key] = published.keys;
  expect(Object.keys(key ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  const { keys } = JSON.parse(await readFile(file, "utf8")) as { keys: { d: string }[] };
  expect(JSON.stringify(published)).not.toContain(keys[0]?.d);
});
