import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The page, ready to be served: everything in page/ as it is, and the scripts of page and worker as one file each. */
const root = fileURLToPath(new URL(".", import.meta.url));
const target = `${root}public`;

await rm(target, { recursive: true, force: true });
await mkdir(target);
await cp(`${root}page`, target, { recursive: true });
await build({
  entryPoints: { main: `${root}src/main.ts`, tabs: `${root}src/tabs-main.ts` },
  outdir: target,
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
