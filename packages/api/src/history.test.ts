import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { readHistory } from "./history.ts";
import { OneAtATime } from "./one-at-a-time.ts";

/** A history of frames of one size, read forward; `asked`: how many events each fetch asked for. */
function history(length: number, frameBytes: number) {
  const asked: number[] = [];
  const fetch = async (from = 0, count: number) => {
    asked.push(count);
    const seqs = Array.from({ length: Math.min(count, length - from) }, (_none, index) => from + index + 1);
    return seqs.map((seq) => ({ seq, frame: Buffer.alloc(frameBytes) }));
  };
  return { asked, fetch };
}

test("a page of short messages takes two fetches", async () => {
  const { asked, fetch } = history(1_000, 300);
  expect((await readHistory(fetch, 50)).events.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  expect(asked).toEqual([10, 40]);
});

test("G8 a page of large messages is fetched in small pieces, and little more than is shown", async () => {
  const { asked, fetch } = history(1_000, 16_000);
  const { events, bytes, cursor } = await readHistory(fetch, 200);
  expect([events.length, bytes, cursor]).toEqual([16, 256_000, 16]);
  expect(asked.every((count) => count <= 10)).toBe(true);
  expect(asked.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(events.length + 4);
});

test("a single event over the bound is a page of its own", async () => {
  const { fetch } = history(3, 300_000);
  expect(await readHistory(fetch, 200)).toMatchObject({ bytes: 300_000, cursor: 1 });
});

test("the work of one user runs in order, also after a failure; other users do not wait", async () => {
  const turns = new OneAtATime();
  const begun: string[] = [];
  const first = turns.run("ada", async () => {
    begun.push("first");
    await setImmediate();
    throw new Error("a fault");
  });
  const second = turns.run("ada", async () => begun.push("second"));
  const other = turns.run("bob", async () => begun.push("other"));
  await expect(first).rejects.toThrow("a fault");
  await Promise.all([second, other]);
  expect(begun).toEqual(["first", "other", "second"]);
});
