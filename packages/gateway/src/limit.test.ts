import { expect, test } from "vitest";
import { createLimit } from "./limit.ts";

test("G8 work beyond the limit waits in order, and work beyond the queue fails at once", async () => {
  const limit = createLimit(2, 2, "too many");
  const ends: (() => void)[] = [];
  const began: number[] = [];
  const work = (name: number) =>
    limit(() => {
      began.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const running = [0, 1].map(work);
  await expect.poll(() => ends.length).toBe(2);
  running.push(work(2), work(3));
  await expect(work(4)).rejects.toMatchObject({ code: "overloaded", message: "too many" });
  expect(began).toEqual([0, 1]);
  for (let at = 0; at < 4; at++) {
    await expect.poll(() => ends.length).toBeGreaterThan(at);
    ends[at]?.();
    await running[at];
  }
  expect(began).toEqual([0, 1, 2, 3]);
});

test("work that fails releases its place", async () => {
  const limit = createLimit(1, 1, "too many");
  const failing = limit(() => Promise.reject(new Error("away")));
  await expect(failing).rejects.toThrow("away");
  expect(await limit(() => Promise.resolve("done"))).toBe("done");
});
