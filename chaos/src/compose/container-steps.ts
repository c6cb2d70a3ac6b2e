import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { eventually } from "@hubbub/testkit";
import type { Container, Stack } from "./stack.ts";
import type { Step } from "./step.ts";

/** Of `max-size` and `max-file` in the compose file. */
const logsMaxBytes = 5 * 20_000_000;
const writtenBytes = 200_000_000;
const rotationMs = 30_000;

/** The containers themselves: how they come up, and what they may. */
export const containerSteps: readonly Step[] = [
  {
    name: "the first `up --build --wait` ends with everything healthy",
    async run(stack) {
      await stack.compose("up", "--build", "--detach", "--wait");
      const containers = await stack.containers();
      assert.deepEqual(
        containers.filter(({ health }) => health !== "healthy").map(({ name }) => name),
        [],
      );
      return `${containers.length} containers`;
    },
  },
  {
    name: "a second `up --build` recreates nothing, and there is one image",
    async run(stack) {
      const before = await idsOf(stack);
      await stack.compose("up", "--build", "--detach", "--wait");
      assert.deepEqual(await idsOf(stack), before);
      const dangling = await stack.docker("images", "--quiet", "--filter", "dangling=true");
      assert.equal(dangling.trim(), "", "images without a name are left");
      const ours = (await stack.containers()).filter(({ inspected }) => inspected.Config.User === "node");
      assert.equal(new Set(ours.map(({ image }) => image)).size, 1);
      return `${before.length} containers stay, ${ours.length} share an image`;
    },
  },
  {
    name: "bounds are in effect: memory, processes, files, writing, privileges",
    async run(stack) {
      const containers = await stack.containers();
      for (const container of containers) await isBounded(stack, container);
      return `${containers.length} containers looked into`;
    },
  },
  {
    name: "a flood of log lines is rotated away",
    async run(stack) {
      const { id, inspected } = await stack.container("nginx");
      const flood = `yes '${"x".repeat(200)}' | head -c ${writtenBytes} > /proc/1/fd/1`;
      await stack.docker("exec", id, "sh", "-c", flood);
      // The local driver keeps its files in the directory of the container, which inspect names by the path of the json log.
      const directory = join(stack.daemon.data, "containers", inspected.Id, "local-logs");
      // Docker compresses a full file behind the flood, beside the file that it replaces.
      const { files, bytes } = await eventually(() => boundedLogs(directory), { timeoutMs: rotationMs });
      return `${writtenBytes / 1e6} MB written, ${files.length} files with ${(bytes / 1e6).toFixed(1)} MB kept`;
    },
  },
];

/** @throws AssertionError while the files are over their bound */
async function boundedLogs(directory: string) {
  const files = await readdir(directory);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, name))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(
    files.length <= 5 && bytes <= logsMaxBytes,
    `${files.length} files, ${bytes} bytes in ${dirname(directory)}`,
  );
  return { files, bytes };
}

async function idsOf(stack: Stack): Promise<string[]> {
  return (await stack.containers()).map(({ id }) => id).sort();
}

/** As the kernel has them, not as the compose file says. */
async function isBounded(stack: Stack, { id, name, inspected }: Container): Promise<void> {
  const look = `
    for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do [ ! -e $file ] || cat $file; done
    for file in /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; do [ ! -e $file ] || cat $file; done
    grep -E '^(Uid|CapBnd|CapEff|NoNewPrivs|Seccomp):' /proc/1/status
    touch /hubbub-test 2>&1 || true`;
  const said = await stack.docker("exec", id, "sh", "-c", look);
  const [memory, pids] = said.split("\n");
  assert.equal(memory, String(inspected.HostConfig.Memory), `memory of ${name}`);
  assert.equal(pids, String(inspected.HostConfig.PidsLimit), `processes of ${name}`);
  assert.match(said, /CapBnd:\s+0+\n[\s\S]*NoNewPrivs:\s+1\nSeccomp:\s+2/, `privileges of ${name}`);
  assert.doesNotMatch(said, /Uid:\s+0\s/, `${name} runs as root`);
  assert.match(said, /Read-only file system/, `${name} can write its root`);
}
