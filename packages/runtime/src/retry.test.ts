import { expect, test } from "vitest";
import { backoffMs, pause, runLoop, spread, unlessAborted } from "./retry.ts";

test("the backoff doubles from 100 ms to 2 s, and its upper half is random", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, 1))).toEqual([
    100, 200, 400, 800, 1_600, 2_000, 2_000,
  ]);
  expect(backoffMs(3, 0)).toBe(400);
});

test("spread adds up to as much again", () => {
  for (let call = 0; call < 100; call += 1) {
    const ms = spread(1_000);
    expect(ms >= 1_000 && ms <= 2_000).toBe(true);
  }
});

test("pause and unlessAborted end with the signal", async () => {
  const controller = new AbortController();
  const paused = pause(600_000, controller.signal);
  const given = unlessAborted(new Promise(() => undefined), controller.signal);
  controller.abort();
  await paused;
  expect(await given).toBeNull();
  expect(await unlessAborted(Promise.resolve("result"), new AbortController().signal)).toBe("result");
});

test("a loop hands errors of its steps to recover, and ends with what recover throws", async () => {
  const seen: unknown[] = [];
  const failing = {
    isDone: false,
    step: () => Promise.reject(new Error(`step ${seen.length}`)),
    async recover(error: unknown) {
      seen.push(error);
      if (seen.length === 3) throw error;
    },
  };
  await expect(runLoop(failing)).rejects.toThrow("step 2");
  expect(seen).toHaveLength(3);
});
