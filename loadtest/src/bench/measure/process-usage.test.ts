import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { cpuBetween, cpuSeconds, parentOf, residentBytes } from "./process-usage.ts";

/**
 * By the clock of the CPU: a busy machine gives less of it than time goes by. It is counted in ticks of 10 ms, and of a process that ended
 * a tick may be missing.
 */
const BURN = "while (process.cpuUsage().user < 400_000);";

test("CPU time of a process includes its children, those that run and those that ended", async () => {
  const group = [{ name: "tree", roots: [process.pid] }];
  const before = cpuSeconds(group);
  const child = spawn(process.execPath, ["-e", `${BURN} setInterval(() => {}, 1000)`], { stdio: "ignore" });
  try {
    await vi.waitFor(() => expect(cpuBetween(before, cpuSeconds(group))["tree"]).toBeGreaterThan(0.35), 15_000);
    expect(parentOf(child.pid ?? 0)).toBe(process.pid);
  } finally {
    child.kill();
    await once(child, "exit");
  }
  expect(cpuBetween(before, cpuSeconds(group))["tree"]).toBeGreaterThan(0.3);
});

test("resident memory is in bytes", () => {
  const { rss } = process.memoryUsage();
  expect(residentBytes(process.pid) / rss).toBeGreaterThan(0.8);
  expect(residentBytes(process.pid) / rss).toBeLessThan(1.25);
});
