import { expect, test } from "vitest";
import { Line } from "./line.ts";

test("G8 a bounded number at once, more in line and in order, further ones are told when to come back", async () => {
  const line = new Line({ atOnce: 2, waitingMax: 2, full: "too many" });
  const ends: (() => void)[] = [];
  const began: number[] = [];
  const work = (name: number) =>
    line.run(() => {
      began.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const running = [0, 1, 2, 3].map(work);
  await expect(work(4)).rejects.toMatchObject({ code: "overloaded", retryAfterMs: expect.any(Number) });
  expect(began).toEqual([0, 1]);
  for (let at = 0; at < 4; at++) {
    await expect.poll(() => ends.length).toBeGreaterThan(at);
    ends[at]?.();
    await running[at];
  }
  expect(began).toEqual([0, 1, 2, 3]);
});

test("work that fails gives its place back", async () => {
  const line = new Line({ atOnce: 1, waitingMax: 1, full: "too many" });
  const failing = line.run(() => Promise.reject(new Error("away")));
  const next = line.run(() => Promise.resolve("done"));
  await expect(failing).rejects.toThrow("away");
  expect(await next).toBe("done");
});
