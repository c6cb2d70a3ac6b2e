import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDirectory } from "./directory-lock.ts";

const built = new URL("../dist/directory-lock.js", import.meta.url).href;
const isRoot = process.getuid?.() === 0;
const children: ChildProcess[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hubbub-lock-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

/** A process that locks the directory and stays. `prefix` runs it, for example in namespaces of its own. */
async function holder(prefix: readonly string[] = []): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(built)});
    await lockDirectory(process.argv[1]).then(() => console.log("locked", process.pid), (error) => console.log(error.message));
    setInterval(() => {}, 1000);`;
  const [command = "", ...args] = [...prefix, process.execPath, "--input-type=module", "-e", script, directory];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [said] = await once(child.stdout, "data");
  return { child, said: String(said).trim() };
}

test("a directory that a living process works in is refused, with its holder and what to do", async () => {
  const { child } = await holder();
  await expect(lockDirectory(directory)).rejects.toThrow(
    `in use by process ${child.pid} on ${hostname()}: stop that one, or give this one a directory of its own with DATA_DIR`,
  );
});

test("a directory whose holder stands still is refused", async () => {
  const { child } = await holder();
  child.kill("SIGSTOP");
  await expect(lockDirectory(directory)).rejects.toThrow("in use");
});

test("the lock of a killed process is gone with it, and of one that released it", async () => {
  const { child } = await holder();
  child.kill("SIGKILL");
  await once(child, "exit");
  await (await lockDirectory(directory))();
  await (await lockDirectory(directory))();
});

test("a pid in the file is no lock: not of a process that has that pid by chance", async () => {
  await writeFile(join(directory, "lock"), `process ${process.ppid} on ${hostname()}`);
  const release = await lockDirectory(directory);
  expect(await readFile(join(directory, "lock"), "utf8")).toBe(`process ${process.pid} on ${hostname()}`);
  await release();
});

test.runIf(process.platform === "linux")("a killed holder that its parent has not reaped holds nothing", async () => {
  // The shell starts the holder and becomes `sleep`, which never waits for children: a killed one stays a zombie.
  const script = `
    "$@" > "$DIR/said" &
    until grep -q locked "$DIR/said"; do sleep 0.05; done
    echo $!
    exec sleep 60`;
  const code = `import { lockDirectory } from ${JSON.stringify(built)};
    await lockDirectory(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;
  const command = [process.execPath, "--input-type=module", "-e", code, directory];
  const shell = spawn("sh", ["-c", script, "sh", ...command], { env: { ...process.env, DIR: directory } });
  children.push(shell);
  const pid = Number(String((await once(shell.stdout, "data"))[0]));
  await expect.poll(() => readFile(`/proc/${shell.pid}/comm`, "utf8"), { timeout: 10_000 }).toBe("sleep\n");
  process.kill(pid, "SIGKILL");
  const state = () => readFile(`/proc/${pid}/stat`, "utf8");
  await expect.poll(state, { timeout: 10_000 }).toMatch(/\) Z /);
  // The first thread may be a zombie before the other threads have ended, and these keep the file open.
  await expect.poll(() => readdir(`/proc/${pid}/task`), { timeout: 10_000 }).toHaveLength(1);
  await (await lockDirectory(directory))();
});

test.runIf(process.platform === "linux" && isRoot)(
  "two containers whose processes are both pid 1 exclude each other",
  async () => {
    const container = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts"];
    const first = await holder(container);
    expect(first.said).toBe("locked 1");
    const second = await holder(container);
    expect(second.said).toContain("is in use by process 1 on");
  },
);
