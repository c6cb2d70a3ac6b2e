import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../paths.ts";
import { type Import, importsOf } from "./imports.ts";

export interface SourceFile {
  /** Inside the package: `src/ws/connection.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

export interface SourcePackage {
  /** `gateway` for `@hubbub/gateway`. */
  readonly name: string;
  /** Subpaths of package.json's `exports`: `.`, `./codec`. */
  readonly exports: readonly string[];
  /** Packages that its tsconfig.json refers to, and that of its `test/`. */
  readonly references: readonly string[];
  readonly files: readonly SourceFile[];
}

/** Everything under packages/, and chaos/. */
export async function readPackages(): Promise<SourcePackage[]> {
  const root = join(repositoryRoot, "packages");
  const names = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const packages = names.map(({ name }) => readPackage(join(root, name), name));
  return Promise.all([...packages, readPackage(join(repositoryRoot, "chaos"), "chaos")]);
}

async function readPackage(directory: string, name: string): Promise<SourcePackage> {
  const manifest: { exports?: Record<string, unknown> } = await readJson(join(directory, "package.json"));
  const hasTests = existsSync(join(directory, "test"));
  const folders = hasTests ? ["src", "test"] : ["src"];
  const references = await Promise.all(
    (hasTests ? ["", "test"] : [""]).map((at) => readReferences(join(directory, at))),
  );
  const files = await Promise.all(folders.map((folder) => readFolder(directory, folder)));
  return {
    name,
    exports: Object.keys(manifest.exports ?? {}),
    references: [...new Set(references.flat())],
    files: files.flat(),
  };
}

async function readReferences(directory: string): Promise<string[]> {
  const tsconfig: { references?: { path: string }[] } = await readJson(join(directory, "tsconfig.json"));
  return (tsconfig.references ?? []).map(({ path }) => path.split("/").at(-1) ?? "").filter((name) => name !== "..");
}

async function readFolder(directory: string, folder: string): Promise<SourceFile[]> {
  const paths = await readdir(join(directory, folder), { recursive: true });
  const sources = paths.filter((path) => /\.tsx?$/.test(path));
  return Promise.all(sources.map((path) => readSource(directory, `${folder}/${path}`)));
}

async function readSource(directory: string, path: string): Promise<SourceFile> {
  const text = await readFile(join(directory, path), "utf8");
  return { path, lines: text.trimEnd().split("\n").length, imports: importsOf(text) };
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8"));
}
