import { expect, test } from "vitest";
import { Semaphore } from "./semaphore.ts";

test("G8 work beyond the permits waits in order, and work beyond the queue fails at once", async () => {
  const semaphore = new Semaphore({ permits: 2, queueMax: 2, full: () => new Error("too many") });
  const ends: (() => void)[] = [];
  const began: number[] = [];
  const work = (name: number) =>
    semaphore.run(() => {
      began.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const running = [0, 1, 2, 3].map(work);
  await expect(work(4)).rejects.toThrow("too many");
  expect(began).toEqual([0, 1]);
  for (let at = 0; at < 4; at++) {
    await expect.poll(() => ends.length).toBeGreaterThan(at);
    ends[at]?.();
    await running[at];
  }
  expect(began).toEqual([0, 1, 2, 3]);
});

test("work that fails releases its permit", async () => {
  const semaphore = new Semaphore({ permits: 1, queueMax: 1, full: () => new Error("too many") });
  const failing = semaphore.run(() => Promise.reject(new Error("away")));
  const next = semaphore.run(() => Promise.resolve("done"));
  await expect(failing).rejects.toThrow("away");
  expect(await next).toBe("done");
});
