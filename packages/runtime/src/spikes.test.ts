import { expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { Spikes } from "./spikes.ts";

const WINDOW_MS = 10_000;

function open(least: number) {
  const log = createLogger({ level: "silent", node: "test" });
  const warn = vi.spyOn(log, "warn");
  const metrics = createMetrics();
  const told: string[] = [];
  const spikes = new Spikes({
    least: { joins: least },
    log,
    metrics,
    metric: "spikes_total",
    onSpike: (kind) => told.push(kind),
  });
  /** `each` joins in each of the windows from `from` on. */
  const run = (from: number, windows: number, each: number): void => {
    for (let window = from; window < from + windows; window += 1) {
      for (let one = 0; one < each; one += 1) spikes.count("joins", 1, window * WINDOW_MS + one);
    }
  };
  return { run, told, warn, metrics };
}

test("a count that reaches the bound is told once: as one line, one call and in the metric", async () => {
  const { run, told, warn, metrics } = open(100);
  expect(await metrics.text()).toContain('hubbub_spikes_total{kind="joins"} 0');
  run(0, 1, 99);
  expect(told).toEqual([]);
  run(1, 1, 500);
  expect(told).toEqual(["joins"]);
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    { spike: "joins", count: 100, usual: expect.closeTo(9.9), windowMs: WINDOW_MS },
    "unusual rate",
  );
  expect(await metrics.text()).toContain('hubbub_spikes_total{kind="joins"} 1');
});

test("a rate that is usual is no spike; five times as much is one, and so is the usual rate after a long silence", () => {
  const { run, told } = open(100);
  run(0, 60, 150);
  expect(told.length).toBeLessThanOrEqual(3);
  const before = told.length;
  run(60, 30, 150);
  expect(told).toHaveLength(before);
  run(90, 1, 800);
  expect(told).toHaveLength(before + 1);
  run(500, 1, 150);
  expect(told).toHaveLength(before + 2);
});

test("a bound of 0 turns a kind off", () => {
  const { run, told } = open(0);
  run(0, 1, 10_000);
  expect(told).toEqual([]);
});
