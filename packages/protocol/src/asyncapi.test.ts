import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { describeWire } from "./asyncapi.ts";
import { clientFrame } from "./client-frame.ts";
import { ERRORS } from "./error-codes.ts";
import { event } from "./event.ts";
import { PROTOCOL_VERSION } from "./version.ts";

const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0.json") as object;
/** The schema brings that of draft 07 with it. */
const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });

test("the document of the wire is valid AsyncAPI 3.0, and docs/asyncapi.json is it", () => {
  const document = describeWire();
  const validate = ajv.compile(schema);
  expect(validate(document), ajv.errorsText(validate.errors)).toBe(true);
  expect(validate({ ...document, channels: 1 })).toBe(false);
  const text = readFileSync(new URL("../../../docs/asyncapi.json", import.meta.url), "utf8");
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
});

test("the document has every frame, every kind of event, every error code and the version of the wire", () => {
  const { info, components } = describeWire();
  expect(info.version).toBe(String(PROTOCOL_VERSION));
  expect(components.schemas.ErrorCode.enum).toEqual(Object.keys(ERRORS));
  const names = Object.keys(components.messages);
  for (const { shape } of clientFrame.options) expect(names).toContain(`client.${shape.type.value}`);
  for (const { shape } of event.options) expect(names).toContain(`server.event.${shape.kind.value}`);
  for (const type of ["ready", "ack", "error", "gap", "epoch", "goaway"]) expect(names).toContain(`server.${type}`);
});

test("every reference of the document leads somewhere", () => {
  const document = describeWire();
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
  expect(refs.length).toBeGreaterThan(50);
  for (const path of refs) {
    const found = path.split("/").reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document);
    expect(found, path).toBeDefined();
  }
});
