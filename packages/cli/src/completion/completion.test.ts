import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { LOBBY } from "../../test/fake-hub.ts";
import { start, startLoggedIn } from "../../test/start.ts";
import { USAGE } from "../usage.ts";
import { completionScript } from "./scripts.ts";
import { SHELLS, type Shell } from "./shells.ts";
import { COMMANDS } from "./table.ts";

const run = promisify(execFile);
const isInstalled = (shell: Shell) => spawnSync(shell, ["-c", "true"]).status === 0;

/** A folder with the script, and a `hubbub` that knows some names that a shell must not take for anything else. */
async function world(shell: Shell): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-completion-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "script"), completionScript(shell));
  const hubbub = `#!/bin/sh\necho "$@" > asked\nprintf '%s\\n' 'two words' 'a$(touch pwned)' '\`touch pwned\`' "it's"\n`;
  await writeFile(join(folder, "hubbub"), hubbub, { mode: 0o700 });
  return folder;
}

async function shellRun(
  shell: Shell,
  args: readonly string[],
  source: string,
): Promise<{ lines: string[]; files: string[] }> {
  const cwd = await world(shell);
  const { stdout } = await run(shell, [...args, source], {
    cwd,
    env: { PATH: `${cwd}:${process.env["PATH"]}`, HOME: cwd },
  });
  return { lines: stdout.split("\n").slice(0, -1), files: await readdir(cwd) };
}

const TRY = `source <(cat script)
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hubbub; echo "\${COMPREPLY[*]}"; }
`;

test("bash completes commands, options and names; a name is quoted, and never expanded", async () => {
  const { lines, files } = await shellRun(
    "bash",
    ["--norc", "-c"],
    `${TRY}complete -p hubbub
try hubbub cha; try hubbub chat tea --gu; try hubbub --server http://h mut; try hubbub tail --js
try hubbub --profile work chat 'two\\ w'; cat asked
eval "set -- $(try hubbub chat "")"; printf '<%s>' "$@"; echo`,
  );
  expect(lines).toEqual([
    ...["complete -F _hubbub hubbub", "chat", "--guest", "mute", "--json"],
    expect.stringContaining("two\\ words"),
    "__complete --profile work chat two w",
    "<two words><a$(touch pwned)><`touch pwned`><it's>",
  ]);
  expect(files.sort()).toEqual(["asked", "hubbub", "script"]);
});

test.skipIf(!isInstalled("fish"))("fish completes commands, options and names", async () => {
  const { lines, files } = await shellRun(
    "fish",
    ["--no-config", "-c"],
    `source script
for line in 'hubbub cha' 'hubbub chat tea --gu' 'hubbub --server http://h mut' 'hubbub chat ' 'hubbub avatar scr'
  complete -C $line | string split -f 1 \\t
end
true`,
  );
  expect(lines).toEqual(["chat", "--guest", "mute", "a$(touch pwned)", "it's", "two words", "`touch pwned`", "script"]);
  expect(files).not.toContain("pwned");
});

test.each(SHELLS)("the script for %s is one that the shell reads", async (shell) => {
  const folder = await world(shell);
  if (isInstalled(shell)) expect((await run(shell, ["-n", join(folder, "script")])).stderr).toBe("");
  for (const name of COMMANDS.keys()) expect(completionScript(shell)).toMatch(new RegExp(`\\b${name}\\b`));
  const { out, exitCode } = await start("completion", shell);
  expect(await exitCode).toBe(0);
  expect(out()).toBe(completionScript(shell));
});

test("every command of the help is completed", () => {
  const operators = / of the environment: ([^.]*)\./.exec(USAGE)?.[1]?.split(/,\s+/) ?? [];
  const named = [...USAGE.matchAll(/^ {2}hubbub ([a-z]+)/gm)].map(([, name]) => name).concat(operators);
  expect(named).toContain("dead-letters");
  expect(named.filter((name = "") => !COMMANDS.has(name))).toEqual([]);
});

test.each([
  [["chat", "l"], ["lobby"]],
  [["chat", "#LOB"], ["lobby"]],
  [["chat", "x"], []],
  [
    ["kick", "lobby", ""],
    ["ada", "bob"],
  ],
  [["kick", "--profile=default", "lobby", "@b"], ["bob"]],
  [["role", "lobby", "bob", "mo"], ["moderator"]],
  [["report", "lobby", "7", "--reason", "s"], ["spam"]],
  [["profiles", "use", ""], ["default"]],
  [["search", "l"], []],
  [["bot", "--room", "lo"], ["lobby"]],
  [["no", "such", "command", ""], []],
  [[], [...COMMANDS.keys()]],
])("hubbub __complete %j prints %j", async (words, names) => {
  const { out, err, exitCode } = await startLoggedIn(["__complete", ...words]);
  expect(await exitCode).toBe(0);
  expect(out().split("\n").slice(0, -1)).toEqual(names);
  expect(err()).toBe("");
});

test("names that could drive a terminal, or be taken for an option, are not offered", async () => {
  const rooms = ["tea", "-rf", "te\u001b[2J", "tea\nrm"].map((name) => ({ ...LOBBY, name, role: "member" }));
  const { out, exitCode } = await startLoggedIn(["__complete", "chat", ""], (hub) => {
    hub.replies["GET rooms"] = [{ status: 200, body: { rooms } }];
  });
  expect(await exitCode).toBe(0);
  expect(out()).toBe("tea\nlobby\n");
});

test("a completion says nothing of a failure, and waits for a server no longer than a second", async () => {
  const stranger = await start("__complete", "chat", "l");
  expect([await stranger.exitCode, stranger.out(), stranger.err()]).toEqual([0, "", ""]);
  const broken = await start("__complete", "--server", "nonsense", "chat", "l");
  expect([await broken.exitCode, broken.out(), broken.err()]).toEqual([0, "", ""]);
  const begun = performance.now();
  const silent = await startLoggedIn(["__complete", "chat", "l"], (hub) => {
    hub.isSilent = true;
  });
  expect([await silent.exitCode, silent.out(), silent.err()]).toEqual([0, "", ""]);
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
