import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  addSigningKey,
  ensureSigningKeys,
  KeyFileError,
  promoteSigningKey,
  readKeys,
  removeSigningKey,
} from "./key-file.ts";
import { readSigningKeys, type SigningKeys } from "./signing-keys.ts";

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
    .setProtectedHeader({ alg: jwk.alg ?? "", kid: change.kid ?? jwk.kid ?? "", typ: change.typ ?? "at+jwt" })
    .setIssuer(change.issuer ?? "hubbub")
    .setAudience(change.audience ?? "hubbub")
    .setExpirationTime(Math.floor(Date.now() / 1000) + (change.expires ?? 60))
    .sign(await importJWK(jwk, jwk.alg));
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
    .sign(Buffer.from(jwk?.n ?? "", "base64url"));
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const stranger = await new SignJWT({ sub: "u" })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: jwk?.kid ?? "", jwk: await exportJWK(privateKey) })
    .setIssuer("hubbub")
    .setAudience("hubbub")
    .setExpirationTime("1m")
    .sign(privateKey);
  for (const token of [none, confused, stranger, "", "a.b.c", "x".repeat(5_000)])
    expect(await keys.verify(token)).toBeNull();
});

test("an Ed25519 key of an earlier file signs and verifies beside an RSA key, and neither in the other's algorithm", async () => {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const earlier = { ...(await exportJWK(privateKey)), kid: "earlier" };
  const mixed = join(directory, "mixed.json");
  await writeFile(mixed, JSON.stringify({ keys: [earlier, ...(await readKeys(file))] }), { mode: 0o600 });
  const both = await readSigningKeys(mixed);
  const token = await both.sign({ sub: "u" }, 60);
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "EdDSA", kid: "earlier" });
  expect(await both.verify(token)).toMatchObject({ sub: "u" });
  expect(await both.verify(await tokenWith({}))).toMatchObject({ sub: "u" });
  expect(await both.verify(await tokenWith({ kid: "earlier" }))).toBeNull();
});

test("a signature that is cut, and a header that asks for what is not understood, are refused", async () => {
  const token = await keys.sign({ sub: "u" }, 60);
  const critical = await new SignJWT({ sub: "u", iss: "hubbub", aud: "hubbub" })
    .setProtectedHeader({
      alg: "RS256",
      typ: "at+jwt",
      kid: (await readKeys(file))[0]?.kid ?? "",
      crit: ["b64"],
      b64: true,
    })
    .setExpirationTime("1m")
    .sign(await importJWK((await readKeys(file))[0] ?? {}, "RS256"));
  const [head, claims] = token.split(".");
  for (const wrong of [token.slice(0, -4), `${head}.${claims}.AA`, `${token}.x`, `${token}=`, ` ${token}`, critical])
    expect(await keys.verify(wrong), wrong).toBeNull();
});

/** Four processes that restart one after the other, as a rolling restart does. */
async function restartRolling(processes: SigningKeys[]): Promise<void> {
  for (const at of processes.keys()) {
    processes[at] = await readSigningKeys(file);
    await expectAllAgree(processes);
  }
}

async function expectAllAgree(processes: readonly SigningKeys[]): Promise<void> {
  for (const one of processes) {
    const token = await one.sign({ sub: "u" }, 60);
    for (const other of processes) expect(await other.verify(token)).toMatchObject({ sub: "u" });
  }
}

test("while keys are rotated every process takes the tokens of every other, at each moment of a rolling restart", async () => {
  const processes = await Promise.all(Array.from({ length: 4 }, () => readSigningKeys(file)));
  const before = await processes[0]?.sign({ sub: "u" }, 60);
  const kid = await addSigningKey(file);
  await restartRolling(processes);
  expect(await promoteSigningKey(file)).toBe(kid);
  await restartRolling(processes);
  expect(await processes[0]?.verify(before ?? "")).toMatchObject({ sub: "u" });
  await removeSigningKey(file);
  await restartRolling(processes);
  expect(await processes[0]?.verify(before ?? "")).toBeNull();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("the signing key cannot be removed, and which key is meant must be clear", async () => {
  const own = join(directory, "own.json");
  await ensureSigningKeys(own);
  await expect(removeSigningKey(own)).rejects.toThrow(/only the key that signs/);
  const signing = (await readKeys(own))[0]?.kid;
  const [one, two] = [await addSigningKey(own), await addSigningKey(own)];
  await expect(promoteSigningKey(own)).rejects.toThrow(`${one}, ${two}`);
  await expect(removeSigningKey(own, signing)).rejects.toThrow(/signs already/);
  expect(await removeSigningKey(own, one)).toBe(one);
  expect(await promoteSigningKey(own)).toBe(two);
});

test("a key file that others can read or change is refused", async () => {
  const open = join(directory, "open.json");
  await ensureSigningKeys(open);
  for (const mode of [0o644, 0o604, 0o602, 0o660]) {
    await chmod(open, mode);
    await expect(readSigningKeys(open), mode.toString(8)).rejects.toThrow(/chmod 600/);
  }
  for (const mode of [0o600, 0o400, 0o440]) {
    await chmod(open, mode);
    await expect(readSigningKeys(open), mode.toString(8)).resolves.toBeDefined();
  }
});

test("a file without a key that can sign is refused at the start, in a sentence", async () => {
  const bad = join(directory, "bad.json");
  const [key] = await readKeys(file);
  const publicKey = { kty: key?.kty, n: key?.n, e: key?.e, kid: key?.kid };
  const symmetric = { kty: "oct", k: "AAAA", kid: "s" };
  const sets = [[], [publicKey], [symmetric], [key, symmetric]].map((keys) => JSON.stringify({ keys }));
  for (const text of ["{", "{}", ...sets]) {
    await writeFile(bad, text, { mode: 0o600 });
    await expect(readSigningKeys(bad), text).rejects.toThrow(KeyFileError);
  }
});
