import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";

test("npm i -g from the folder gives a working hubbub, without asking a registry", () => {
  const prefix = mkdtempSync(join(tmpdir(), "hubbub-global-"));
  try {
    const options = { cwd: repositoryRoot, encoding: "utf8", timeout: 60_000 } as const;
    const install = ["install", "--global", "./packages/cli", "--offline", "--ignore-scripts", "--no-audit"];
    execFileSync("npm", [...install, "--prefix", prefix, "--cache", join(prefix, "cache")], options);
    const help = execFileSync(join(prefix, "bin", "hubbub"), ["--help"], { ...options, cwd: prefix });
    expect(help).toContain("hubbub login NAME");
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
}, 90_000);

test("the command hubbub comes from a package in a scope of its own", () => {
  const cli = JSON.parse(readFileSync(join(repositoryRoot, "packages/cli/package.json"), "utf8"));
  expect([cli.name, Object.keys(cli.bin), cli.license]).toEqual(["@hubbub/cli", ["hubbub"], "Apache-2.0"]);
});
