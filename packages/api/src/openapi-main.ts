import { writeFileSync } from "node:fs";
import { describeApi } from "./openapi.ts";

/** Writes docs/openapi.json. A test compares it with the served document. */
const target = new URL("../../../docs/openapi.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(describeApi(), null, 2)}\n`);
