import { execFile as callExecFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { infraFile, repositoryRoot } from "../paths.ts";
import { succeeds } from "../services/run.ts";

const execFile = promisify(callExecFile);
const hasSystemd = await succeeds("systemd-analyze", ["--version"]);
const read = (name: string) => readFile(infraFile(`systemd/${name}`), "utf8");

test("the unit gives a process longer to stop than it takes, and starts it again whatever ended it", async () => {
  const unit = await read("hubbub@.service");
  const example = await read("hubbub.env.example");
  const deadline = Number(/^DRAIN_DEADLINE_MS=(\d+)$/m.exec(example)?.[1]);
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1_000).toBeGreaterThan(deadline);
  expect(unit).toMatch(/^Restart=always$/m);
  expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
});

test("the settings of the units exist in .env.example", async () => {
  const known = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const names = [...(await read("hubbub.env.example")).matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(names).toContain("PLAIN_CONNECTIONS");
  expect(names.filter((name) => !known.includes(`\n${name}=`))).toEqual([]);
});

test.skipIf(!hasSystemd)("systemd takes the units without a word, and rates them as safe", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-units-"));
  try {
    const names = (await readdir(infraFile("systemd"))).filter((name) => name.endsWith(".service"));
    // This machine has Node and Hubbub elsewhere.
    for (const name of names) {
      const text = (await read(name)).replace("/usr/bin/node", process.execPath).replace("/opt/hubbub", repositoryRoot);
      await writeFile(join(directory, name.replace("@.", "@gateway.")), text);
    }
    // What docs/walkthrough.md makes of a command, by the function of that name.
    const script = '. "$0"; unit hubbub-some hubbub env A=1 sh -c "sleep 5; echo 100% $HOME"';
    const { stdout: some } = await execFile("bash", ["-c", script, infraFile("machines.sh")], {
      env: { PATH: process.env["PATH"], HOME: "'$HOME'" },
    });
    expect(some).toContain('ExecStart="env" "A=1" "sh" "-c" "sleep 5; echo 100%% \'$$HOME\'"');
    await writeFile(join(directory, "hubbub-some.service"), some);
    names.push("hubbub-some.service");
    const files = names.map((name) => join(directory, name.replace("@.", "@gateway.")));
    const { stdout, stderr } = await execFile("systemd-analyze", ["verify", "--man=no", ...files]);
    expect(stdout + stderr).toBe("");
    const unit = join(directory, "hubbub@gateway.service");
    // Exposure from 0 to 10, times ten: the network it needs is most of it.
    await execFile("systemd-analyze", ["security", "--offline=yes", "--threshold=25", unit]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
