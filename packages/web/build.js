import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildWorkers } from "./build-workers.js";

/** The page, ready to be served: everything in page/ as it is, and the script as one file. */
const root = fileURLToPath(new URL(".", import.meta.url));
const target = `${root}public`;

await rm(target, { recursive: true, force: true });
await mkdir(target);
await cp(`${root}page`, target, { recursive: true });
await build({
  entryPoints: [`${root}src/main.ts`],
  outfile: `${target}/main.js`,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["es2022"],
  conditions: ["@hubbub/source", "browser"],
  minify: true,
  // Beside the script, not named in it and not served.
  sourcemap: "external",
  legalComments: "none",
  logLevel: "warning",
});
await buildWorkers(root, target);
