import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { build, defaultClientConditions } from "vite";

/**
 * The scripts of the workers, under names that stay: `tabs.js`, and `sw.js` with the list of all other files in `target`. So
 * it comes last.
 */
export async function buildWorkers(root, target) {
  await buildScript({ root, target, source: "src/tabs-main.ts", name: "tabs.js" });
  const define = { SHELL_FILES: JSON.stringify(await digests(target)) };
  await buildScript({ root, target, source: "src/service-worker-main.ts", name: "sw.js", define });
}

/** A classic script: not every browser takes modules as workers. */
async function buildScript({ root, target, source, name, define = {} }) {
  await build({
    configFile: false,
    root,
    mode: "production",
    publicDir: false,
    logLevel: "warn",
    define,
    resolve: { conditions: ["@hubbub/source", ...defaultClientConditions] },
    build: {
      outDir: target,
      emptyOutDir: false,
      target: "es2022",
      rollupOptions: { input: join(root, source), output: { format: "iife", entryFileNames: name } },
    },
  });
}

/** The page of operators is no part of the page: who uses it is online. */
const ADMIN = /^(assets\/)?admin[.-]/;

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
  return (await Promise.all(made))
    .filter(([path]) => !ADMIN.test(path))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
