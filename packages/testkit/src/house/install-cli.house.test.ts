import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../paths.ts";
import { run as runProgram } from "../services/run.ts";

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

test("hubbub hands every command of the server on, and --help changes nothing", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hubbub-operator-"));
  try {
    const run = (file: string, ...args: string[]) =>
      runProgram("node", [join(repositoryRoot, file), ...args], { cwd: directory, timeoutMs: 60_000 });
    const usage = await run("packages/server/dist/main.js", "--help");
    const commands = new Set(Array.from(usage.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name = ""]) => name));
    expect([...commands]).toEqual(expect.arrayContaining(["migrate", "keys", "adopt"]));
    const answers = await Promise.all(
      [...commands].map((command) => run("packages/cli/bin/hubbub.js", command, "--help")),
    );
    expect(new Set(answers)).toEqual(new Set([usage]));
    const ours = await run("packages/cli/bin/hubbub.js", "--help");
    for (const command of commands) expect(ours).toContain(command);
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
