import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const lifecycle = new URL("../dist/lifecycle.js", import.meta.url).href;

/** A process of its own with a service whose drain takes `drainMs`; below 0: until its deadline. */
async function started(drainMs: number, deadlineMs: number, ended = "undefined") {
  const script = `
    import { run } from ${JSON.stringify(lifecycle)};
    import { setTimeout as delay } from "node:timers/promises";
    const log = { info() {}, error() {}, fatal() {} };
    const drain = async (deadline) => {
      console.log("drain");
      await (${drainMs} < 0 ? new Promise((done) => deadline.addEventListener("abort", done)) : delay(${drainMs}));
    };
    await run(async () => { console.log("up"); setInterval(() => {}, 1000); return { drain, ended: ${ended}, stop: async () => console.log("stop") }; }, log, ${deadlineMs});`;
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("up");
  return { child, next: async () => (await lines.next()).value as string, exit: once(child, "exit") };
}

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("G10 %s drains, stops, and ends with 0", async (signal) => {
  const { child, next, exit } = await started(10, 5_000);
  child.kill(signal);
  expect([await next(), await next()]).toEqual(["drain", "stop"]);
  expect((await exit)[0]).toBe(0);
});

test("G10 a drain that needs all its time is still followed by a stop", async () => {
  const { child, next, exit } = await started(-1, 500);
  child.kill("SIGTERM");
  expect([await next(), await next()]).toEqual(["drain", "stop"]);
  expect((await exit)[0]).toBe(0);
});

test("G8 a drain past its deadline ends with 1", async () => {
  const { child, exit } = await started(60_000, 100);
  child.kill("SIGTERM");
  expect((await exit)[0]).toBe(1);
});

test("a second signal ends at once with 1", async () => {
  const { child, next, exit } = await started(60_000, 60_000);
  child.kill("SIGINT");
  expect(await next()).toBe("drain");
  child.kill("SIGINT");
  expect((await exit)[0]).toBe(1);
});

test("G10 a service that ends by itself drains, stops, and ends with 1, to be started again", async () => {
  const { next, exit } = await started(10, 5_000, "delay(50, 'the reason')");
  expect([await next(), await next()]).toEqual(["drain", "stop"]);
  expect((await exit)[0]).toBe(1);
});
