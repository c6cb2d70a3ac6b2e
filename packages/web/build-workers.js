import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";

const shared = {
  bundle: true,
  // A classic script: not every browser takes modules here.
  format: "iife",
  platform: "browser",
  target: ["es2022"],
  conditions: ["@hubbub/source", "browser"],
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

/**
 * The scripts of the workers, under names that stay: `tabs.js`, and `sw.js` with the list of all other files in `target`. So
 * it comes last.
 */
export async function buildWorkers(root, target) {
  await build({
    ...shared,
    entryPoints: [join(root, "src/tabs-main.ts")],
    outfile: join(target, "tabs.js"),
  });
  await build({
    ...shared,
    entryPoints: [join(root, "src/service-worker-main.ts")],
    outfile: join(target, "sw.js"),
    define: { SHELL_FILES: JSON.stringify(await digests(target)) },
  });
}

/** The path of each file below the page, and its SHA-256. The page itself has the path "". */
async function digests(target) {
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.map$|^sw\.js$/.test(entry.name));
  const made = files.map(async (entry) => {
    const file = join(entry.parentPath, entry.name);
    const path = relative(target, file).split(sep).join("/");
    const digest = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    return [path === "index.html" ? "" : path, digest];
  });
  return (await Promise.all(made)).sort(([one], [other]) => (one < other ? -1 : 1));
}
