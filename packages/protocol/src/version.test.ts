import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLOSE, isReconnectable } from "./close-codes.ts";
import { wireSchemas } from "./codec.ts";
import { ERRORS } from "./error-codes.ts";
import { PROTOCOL_VERSION } from "./version.ts";

/** Change one of these on purpose only: see version.ts for what needs a new version. */
const PINNED = { version: 1, hash: "36e3ce006c4a57ef" };

const docs = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

test("the wire does not change silently", () => {
  const hash = createHash("sha256")
    .update(JSON.stringify([wireSchemas(), CLOSE, ERRORS]))
    .digest("hex")
    .slice(0, 16);
  expect({ version: PROTOCOL_VERSION, hash }).toEqual(PINNED);
});

test("docs contain the current JSON Schema of both unions", () => {
  const { clientFrame, serverFrame } = wireSchemas();
  expect(JSON.parse(docs("client-frame.schema.json"))).toEqual(clientFrame);
  expect(JSON.parse(docs("server-frame.schema.json"))).toEqual(serverFrame);
});

test("docs/protocol.md names every close code and every error code", () => {
  const text = docs("protocol.md");
  for (const code of Object.values(CLOSE)) expect(text).toContain(String(code));
  for (const code of Object.keys(ERRORS)) expect(text).toContain(`\`${code}\``);
});

test("the range of a close code tells whether to come back", () => {
  for (const code of [1000, 1001, 1006, CLOSE.goaway, CLOSE.slow, CLOSE.overloaded, CLOSE.helloTimeout]) {
    expect(isReconnectable(code)).toBe(true);
  }
  for (const code of [CLOSE.badToken, CLOSE.sessionRevoked, CLOSE.protocolViolation, CLOSE.removed]) {
    expect(isReconnectable(code)).toBe(false);
  }
});
