import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LongScript, type Script, ScriptPerEvent } from "./script.ts";

const SECONDS_MS = 10_000;

interface Trial {
  readonly folder: string;
  readonly logged: string[];
  readonly script: Script;
}

/** `parallel` undefined: one process for all events. */
async function trial(source: string, parallel?: number, timeoutMs = SECONDS_MS): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), "hubbub-bot-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "script");
  await writeFile(path, source);
  await chmod(path, 0o700);
  const logged: string[] = [];
  const log = (line: string) => logged.push(line);
  const command = { script: path, args: ["an argument"], env: { FOLDER: folder, HUBBUB_SERVER: "http://h" }, log };
  const script =
    parallel === undefined ? new LongScript(command, timeoutMs) : new ScriptPerEvent(command, timeoutMs, parallel);
  onTestFinished(() => script.close());
  return { folder, logged, script };
}

const ECHO = `#!/bin/bash
echo "process $$" >&2
while read -r line; do echo "$1: $line"; echo "$HUBBUB_SERVER$HUBBUB_PASSWORD"; echo; done
`;

test("one process answers all events in order; an empty line ends an answer", async () => {
  process.env["HUBBUB_PASSWORD"] = "secret";
  onTestFinished(() => void delete process.env["HUBBUB_PASSWORD"]);
  const { logged, script } = await trial(ECHO);
  const answers = await Promise.all(["a", "b", "c"].map((event) => script.answer(event)));
  expect(answers).toEqual(["a", "b", "c"].map((event) => [`an argument: ${event}`, "http://h"]));
  expect(logged).toEqual([expect.stringMatching(/^process \d+$/)]);
});

test("a process that ends with 0 has answered, and the next event begins another one", async () => {
  const { logged, script } = await trial(`#!/bin/bash\necho started >&2\nread -r line\necho "once $line"\n`);
  for (const event of ["a", "b"]) expect(await script.answer(event)).toEqual([`once ${event}`]);
  expect(logged).toEqual(["started", "started"]);
});

test.each([
  ["crashes", "echo half; exit 3", "ended with 3"],
  ["does not answer in time", "sleep 60", "no empty line ended its answer within 0.3 s"],
  ["prints without an end", "while :; do echo more; done", "an answer has at most 20 lines"],
  ["prints an endless line", "tr '\\0' x < /dev/zero", "printed a line that is too long"],
])("a script that %s fails at the event, and is begun anew for the next one", async (_what, act, fault) => {
  const source = `#!/bin/bash\nread -r line\nif [ "$line" = bad ]; then ${act}; fi\necho "good $line"\necho\n`;
  const { script } = await trial(source, undefined, fault.includes("0.3 s") ? 300 : SECONDS_MS);
  const bad = script.answer("bad");
  const good = script.answer("fine");
  await expect(bad).rejects.toThrow(fault);
  expect(await good).toEqual(["good fine"]);
});

test("what a failed script has started ends with it", async () => {
  const { folder, script } = await trial(
    `#!/bin/bash\nsleep 60 &\necho $! > "$FOLDER/pid"\nread -r line\nread -r more\n`,
    undefined,
    500,
  );
  await expect(script.answer("a")).rejects.toThrow("within 0.5 s");
  const pid = Number(await readFile(join(folder, "pid"), "utf8"));
  const isGone = async () =>
    /^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tZ"));
  await expect.poll(isGone).toBe(true);
});

test("a script that cannot be run fails at each event, with the reason", async () => {
  const { script } = await trial("no interpreter", 2);
  const missing = new LongScript({ script: "/nowhere/script", args: [], env: {}, log: () => undefined }, SECONDS_MS);
  for (const one of [missing, missing]) await expect(one.answer("a")).rejects.toThrow("cannot be run");
  await expect(script.answer("a")).rejects.toThrow(/cannot be run|ended with/);
});

test("G8 with a process for each event, no more than the given number run at once", async () => {
  const source = `#!/bin/bash\nmkdir "$FOLDER/run.$$"\nread -r line\nsleep 0.1\nls -d "$FOLDER"/run.* | wc -l\nrmdir "$FOLDER/run.$$"\n`;
  const { script } = await trial(source, 2);
  const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => script.answer(`${at}`)));
  const atOnce = answers.map(([count]) => Number(count));
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(2);
});
