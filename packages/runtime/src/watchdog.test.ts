import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** Runs `code` behind a watchdog of 300 ms in a process of its own. */
async function runWatched(code: string): Promise<{ signal: string | null; status: number | null; said: string }> {
  const source = fileURLToPath(new URL("watchdog.ts", import.meta.url));
  const entry = `import { startWatchdog } from ${JSON.stringify(source)}; const stop = startWatchdog(300); ${code}`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    ...{ bundle: true, write: false, format: "esm" as const, platform: "node" as const },
  });
  const child = spawn(process.execPath, ["--input-type=module", "-e", outputFiles[0]?.text ?? ""]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [status, signal] = await once(child, "close");
  return { signal, status, said };
}

test("a process whose event loop stands still is ended, and says why", async () => {
  const { signal, said } = await runWatched("setTimeout(() => { for (;;); }, 50);");
  expect(signal).toBe("SIGKILL");
  expect(said).toContain("the event loop has stood still for 300 ms");
});

test("a process that turns lives on, and the watchdog does not keep it alive", async () => {
  const { status, said } = await runWatched("setTimeout(() => undefined, 1_000);");
  expect({ status, said }).toEqual({ status: 0, said: "" });
});
