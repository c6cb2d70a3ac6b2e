import { newId } from "@hubbub/protocol";
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, TestApi, type World } from "../../test/test-api.ts";

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  api = new TestApi(world);
});
afterAll(() => world[Symbol.asyncDispose]());

type SigningKey = Parameters<SignJWT["sign"]>[0];

interface Token {
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: JWTPayload;
  readonly key?: SigningKey;
}

/** A token as the api makes them, but for what is given. */
async function forge({ header, claims, key }: Token): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({
    sub: newId(),
    sid: newId(),
    name: "ada",
    iss: "hubbub",
    aud: "hubbub",
    iat: now,
    exp: now + 600,
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: world.jwk.kid ?? "", ...header })
    .sign(key ?? (await importJWK(world.jwk, "RS256")));
}

const minutesFromNow = (minutes: number) => Math.floor(Date.now() / 1_000) + minutes * 60;
const publicBytes = () => Buffer.from(world.jwk.n ?? "", "base64url");

const REFUSED: [string, () => Promise<string>][] = [
  ["another audience", () => forge({ claims: { aud: "elsewhere" } })],
  ["another issuer", () => forge({ claims: { iss: "elsewhere" } })],
  ["expired", () => forge({ claims: { exp: minutesFromNow(-1) } })],
  ["not yet valid", () => forge({ claims: { nbf: minutesFromNow(5) } })],
  ["without a session", () => forge({ claims: { sid: undefined } })],
  ["with a subject that is no user id", () => forge({ claims: { sub: "root" } })],
  ["another type of token", () => forge({ header: { typ: "JWT" } })],
  ["an unknown kid", () => forge({ header: { kid: "../../etc/passwd" } })],
  ["HS256 with the public key as its secret", () => forge({ header: { alg: "HS256" }, key: publicBytes() })],
  ["somebody else's key under our kid", async () => forge({ key: (await generateKeyPair("RS256")).privateKey })],
  [
    "a key that the token brings along",
    async () => {
      const pair = await generateKeyPair("RS256", { extractable: true });
      return forge({ key: pair.privateKey, header: { jwk: await exportJWK(pair.publicKey) } });
    },
  ],
  [
    "alg none",
    async () => new UnsecuredJWT({ sub: newId(), sid: newId(), name: "ada" }).setExpirationTime("10m").encode(),
  ],
  ["a changed payload", async () => (await forge({})).replace(/\.[^.]+\./, `.${btoa('{"sub":"x"}')}.`)],
  ["an oversized token", async () => "a".repeat(5_000)],
  ["no JWT at all", async () => "letmein"],
];

test("a token made by the rules is taken", async () => {
  expect((await api.call("GET", "/me", { token: await forge({}) })).status).toBe(200);
});

test.each(REFUSED)("a token that is refused: %s", async (_what, make) => {
  expect(await api.call("GET", "/me", { token: await make() })).toMatchObject({
    status: 401,
    body: { code: "bad_token" },
  });
});

test.each([
  ["no header", {}],
  ["another scheme", { authorization: "Basic YTpi" }],
  ["an empty token", { authorization: "Bearer " }],
  ["two tokens", { authorization: "Bearer a.b.c d.e.f" }],
])("%s is a bad_token", async (_what, headers) => {
  expect(await api.call("GET", "/me", { headers })).toMatchObject({ status: 401, body: { code: "bad_token" } });
});

test("a token of a session that was revoked elsewhere is refused at once", async () => {
  const { token } = await api.guest();
  await world.broker.revocations.add(await api.session(token), 60_000);
  expect(await api.call("GET", "/me", { token })).toMatchObject({ status: 401, body: { code: "session_revoked" } });
});
