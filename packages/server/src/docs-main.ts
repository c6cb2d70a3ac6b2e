import { writeFileSync } from "node:fs";
import { describeWire } from "@hubbub/protocol/asyncapi";
import { wireSchemas } from "@hubbub/protocol/codec";

/** Writes the JSON Schema of both unions of frames, and the AsyncAPI document, to docs/. */
const { clientFrame, serverFrame } = wireSchemas();
const write = (name: string, schema: unknown): void =>
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
write("client-frame.schema.json", clientFrame);
write("server-frame.schema.json", serverFrame);
write("asyncapi.json", describeWire());
