import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addSigningKey, ensureSigningKeys, readSigningKeys, type SigningKeys } from "./signing-keys.ts";

let directory: string;
let file: string;
let keys: SigningKeys;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-keys-"));
  file = join(directory, "keys.json");
  await ensureSigningKeys(file);
  keys = await readSigningKeys(file);
});
afterAll(() => rm(directory, { recursive: true }));

/** A token that is right but for one thing. */
async function tokenWith(change: {
  issuer?: string;
  audience?: string;
  typ?: string;
  expires?: number;
  kid?: string;
}): Promise<string> {
  const [jwk] = (JSON.parse(await readFile(file, "utf8")) as { keys: JWK[] }).keys;
  if (jwk === undefined) throw new Error("no key");
  return new SignJWT({ sub: "u" })
    .setProtectedHeader({ alg: "EdDSA", kid: change.kid ?? jwk.kid ?? "", typ: change.typ ?? "at+jwt" })
    .setIssuer(change.issuer ?? "hubbub")
    .setAudience(change.audience ?? "hubbub")
    .setExpirationTime(Math.floor(Date.now() / 1000) + (change.expires ?? 60))
    .sign(await importJWK(jwk, "EdDSA"));
}

test("a signed token gives its claims back, and the key file is for its owner alone", async () => {
  expect(await keys.verify(await keys.sign({ sub: "u", sid: "s" }, 60))).toMatchObject({ sub: "u", sid: "s" });
  expect(await keys.verify(await tokenWith({}))).toMatchObject({ sub: "u" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ["another issuer", { issuer: "evil" }],
  ["another audience", { audience: "evil" }],
  ["another type", { typ: "rt+jwt" }],
  ["an end that has passed", { expires: -60 }],
  ["an unknown key id", { kid: "../../etc/passwd" }],
])("a token with %s is refused", async (_what, change) => {
  expect(await keys.verify(await tokenWith(change))).toBeNull();
});

test("alg none, HS256 with the public key, and a stranger's key are refused", async () => {
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"u","exp":9999999999}').toString("base64url")}.`;
  const [jwk] = (JSON.parse(await readFile(file, "utf8")) as { keys: JWK[] }).keys;
  const confused = await new SignJWT({ sub: "u" })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: jwk?.kid ?? "" })
    .setExpirationTime("1m")
    .sign(Buffer.from(jwk?.x ?? "", "base64url"));
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const stranger = await new SignJWT({ sub: "u" })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: jwk?.kid ?? "", jwk: await exportJWK(privateKey) })
    .setIssuer("hubbub")
    .setAudience("hubbub")
    .setExpirationTime("1m")
    .sign(privateKey);
  for (const token of [none, confused, stranger, "", "a.b.c", "x".repeat(5_000)])
    expect(await keys.verify(token)).toBeNull();
});

test("a rotated key signs, and what the old one signed stays good", async () => {
  const old = await keys.sign({ sub: "u" }, 60);
  await addSigningKey(file);
  const rotated = await readSigningKeys(file);
  expect(await rotated.verify(old)).toMatchObject({ sub: "u" });
  expect(await keys.verify(await rotated.sign({ sub: "u" }, 60))).toBeNull();
});
