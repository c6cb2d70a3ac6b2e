import { expect, test } from "vitest";
import type { Place } from "./cursor.ts";
import { Deferred } from "./deferred.ts";
import { Unanswered } from "./unanswered.ts";

const at = (seq: number): Place => ({ epoch: 1, seq, former: 0 });

test("a place is kept when everything before it is answered too", async () => {
  const kept: number[] = [];
  const unanswered = new Unanswered(async ({ seq }) => void kept.push(seq));
  const [first, third] = [new Deferred<void>(), new Deferred<void>()];
  await unanswered.add(at(1), first.promise);
  await unanswered.add(at(2), undefined);
  await unanswered.add(at(3), third.promise);
  third.resolve();
  await third.promise;
  expect(kept).toEqual([]);
  first.resolve();
  await expect.poll(() => kept).toEqual([3]);
});

test("G8 too many events behind one that waits have to wait, too", async () => {
  const first = new Deferred<void>();
  const unanswered = new Unanswered(async () => undefined);
  let added = 0;
  const adding = (async () => {
    for (; added < 150; added += 1) await unanswered.add(at(added), added === 0 ? first.promise : undefined);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(added).toBe(99);
  first.resolve();
  await adding;
  expect(added).toBe(150);
});

test("an answer that fails for good, or a place that cannot be kept, is told", async () => {
  const refused = new Unanswered(async () => undefined);
  await refused.add(at(1), Promise.reject(new Error("refused")));
  await expect(refused.failed).rejects.toThrow("refused");
  const full = new Unanswered(() => Promise.reject(new Error("full")));
  await full.add(at(1), undefined);
  await expect(full.failed).rejects.toThrow("full");
});
