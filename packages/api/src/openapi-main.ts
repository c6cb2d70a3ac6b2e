import { writeFileSync } from "node:fs";
import { describeApi } from "./openapi.ts";

/** Writes docs/openapi.json, which a test compares with what is served. */
const target = new URL("../../../docs/openapi.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(describeApi(), null, 2)}\n`);
