import { expect, test } from "vitest";
import { Permits } from "./permits.ts";

/** Work that ends when told to. */
function openEnded() {
  let begin: () => void = () => undefined;
  let end: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = () => {
    begin();
    return ended;
  };
  return { work, begun, end: () => end() };
}

const { signal } = new AbortController();

test("G8 at most so many at once, the rest in order, above the bound overloaded", async () => {
  const permits = new Permits(1, 2);
  const order: string[] = [];
  const first = openEnded();
  const running = permits.run(() => first.work().then(() => order.push("first")), signal);
  const waiting = ["second", "third"].map((name) => permits.run(async () => order.push(name), signal));
  expect(permits.waiting).toBe(2);
  await expect(permits.run(first.work, signal)).rejects.toMatchObject({ code: "overloaded", retryAfterMs: 5_000 });
  first.end();
  await Promise.all([running, ...waiting]);
  expect(order).toEqual(["first", "second", "third"]);
  expect(permits.waiting).toBe(0);
});

test("the permit stays with the work when the asker leaves; work that was not begun is not", async () => {
  const permits = new Permits(1, 10);
  const leaving = new AbortController();
  const first = openEnded();
  const running = permits.run(first.work, leaving.signal);
  await first.begun;
  let begun = false;
  const waiting = permits.run(async () => {
    begun = true;
  }, leaving.signal);
  leaving.abort();
  const later = permits.run(async () => "done", signal);
  expect(permits.waiting).toBe(2);
  first.end();
  await running;
  await expect(waiting).rejects.toThrow(/aborted/);
  expect(begun).toBe(false);
  expect(await later).toBe("done");
});

test("work that fails gives its permit back", async () => {
  const permits = new Permits(1, 1);
  await expect(permits.run(() => Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  expect(await permits.run(async () => "next", signal)).toBe("next");
});
