import { expect, test } from "vitest";
import { Coalescer } from "./coalescer.ts";

test("a crowd costs two calls, and no caller gets an answer older than its request", async () => {
  let now = 0;
  const asked: { at: number; answer(): void; fail(): void }[] = [];
  const coalescer = new Coalescer(
    (_key: string) =>
      new Promise<number>((resolve, reject) => {
        const at = now;
        asked.push({ at, answer: () => resolve(at), fail: () => reject(new Error("away")) });
      }),
  );
  const first = coalescer.ask("a");
  now = 1;
  const crowd = Array.from({ length: 100 }, () => coalescer.ask("a"));
  const other = coalescer.ask("b");
  expect(asked).toHaveLength(2);
  asked[1]?.answer();
  expect(await other).toBe(1);
  asked[0]?.fail();
  await expect(first).rejects.toThrow("away");
  await expect.poll(() => asked.length).toBe(3);
  asked[2]?.answer();
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([1]));
  now = 2;
  const later = coalescer.ask("a");
  asked[3]?.answer();
  expect(await later).toBe(2);
});
