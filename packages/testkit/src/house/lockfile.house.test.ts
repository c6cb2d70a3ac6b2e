import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

let locked: Readonly<Record<string, LockedPackage>>;
beforeAll(async () => {
  locked = JSON.parse(await readFile(join(repositoryRoot, "package-lock.json"), "utf8")).packages;
});

/** Where Node looks for `name` from a package at `path`, nearest first. */
function candidates(path: string, name: string): string[] {
  const parts = path.split("/node_modules/");
  const nested = parts.map((_, at) => `${parts.slice(0, at + 1).join("/node_modules/")}/node_modules/${name}`);
  return [...nested.reverse(), `node_modules/${name}`];
}

test("the lockfile has the optional packages of every platform, so that npm ci works on each", () => {
  const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !candidates(path, name).some((place) => locked[place])),
  );
  expect(missing).toEqual([]);
});

test("the lockfile pins every package by its integrity and names no registry", () => {
  const installed = Object.entries(locked).filter(([path, { link }]) => path.includes("node_modules/") && !link);
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
  expect(Object.values(locked).filter(({ resolved }) => resolved?.includes("://"))).toEqual([]);
});

test("npm ci takes the lockfile without asking a registry for anything", () => {
  const cache = mkdtempSync(join(tmpdir(), "hubbub-npm-"));
  try {
    const npm = spawnSync("npm", ["ci", "--dry-run", "--offline", "--ignore-scripts", "--cache", cache], {
      cwd: repositoryRoot,
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(npm.stderr).not.toContain("npm error");
    expect(npm.status).toBe(0);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}, 90_000);
