import { writeFileSync } from "node:fs";
import { rulesDocument } from "./rules.ts";

/** Writes docs/conformance.md. A test compares it. */
writeFileSync(new URL("../../../docs/conformance.md", import.meta.url), rulesDocument());
