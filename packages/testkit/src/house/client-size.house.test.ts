import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";

test("createClient for a page is as small as the README of the SDK says, and takes nothing from elsewhere along", async () => {
  const readme = await readFile(`${repositoryRoot}packages/client/README.md`, "utf8");
  const stated = Number(/at most (\d+) KB, minified and compressed/.exec(readme)?.[1]);
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: 'export { createClient } from "@hubbub/client";',
      resolveDir: `${repositoryRoot}packages/client`,
    },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@hubbub/source"],
  });
  expect(gzipSync(outputFiles[0]?.contents ?? "").byteLength).toBeLessThan(stated * 1_000);
  const [output] = Object.values(metafile.outputs);
  expect(output?.imports).toEqual([]);
  const foreign = Object.entries(output?.inputs ?? {}).filter(
    ([path, { bytesInOutput }]) => bytesInOutput > 0 && /node_modules\/(?!@hubbub|uuid)/.test(path),
  );
  expect(foreign.map(([path]) => path)).toEqual([]);
});
