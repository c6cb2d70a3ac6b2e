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
const HOME = "192.0.2.1";

/** A queue whose only permit is taken, and what ran in it since. */
function busy(queueMax: number) {
  const permits = new Permits(1, queueMax);
  const first = openEnded();
  const order: string[] = [];
  const running = permits.run(first.work, "192.0.2.99", signal);
  const wait = (name: string, address: string) =>
    permits
      .run(async () => order.push(name), address, new AbortController().signal)
      .catch((error: { code: string }) => error.code);
  const end = async () => {
    first.end();
    await running;
  };
  return { permits, order, wait, end };
}

test("G8 at most the bound at once, the rest in order, above the bound overloaded", async () => {
  const { permits, order, wait, end } = busy(4);
  const waiting = [wait("second", HOME), wait("third", "192.0.2.2")];
  expect(permits.waiting).toBe(2);
  expect(await wait("fourth", HOME)).toBe("overloaded");
  await end();
  await Promise.all(waiting);
  expect(order).toEqual(["second", "third"]);
  expect(permits.waiting).toBe(0);
});

test("G8 sites take turns: one address with much work does not make another wait behind all of it", async () => {
  const { order, wait, end } = busy(80);
  const flood = Array.from({ length: 10 }, (_, at) => wait(`flood ${at}`, HOME));
  const other = wait("other", "192.0.2.2");
  await end();
  await Promise.all([...flood, other]);
  expect(order.indexOf("other")).toBeLessThanOrEqual(1);
  expect(order.filter((name) => name.startsWith("flood"))).toEqual(
    Array.from({ length: 10 }, (_, at) => `flood ${at}`),
  );
});

test("G8 the networks of one IPv6 site share a turn and a bound", async () => {
  const { permits, wait, end } = busy(40);
  const flood = Array.from({ length: 30 }, (_, at) => wait(`flood ${at}`, `2001:db8:1:${at}::/64`));
  expect(permits.waiting).toBe(20);
  const other = wait("other", "2001:db8:2:0::/64");
  expect(permits.waiting).toBe(21);
  await end();
  expect((await Promise.all(flood)).filter((answer) => answer === "overloaded")).toHaveLength(10);
  await other;
});

test("G8 a full queue takes the first work of a site in place of the newest of the busiest", async () => {
  const { permits, order, wait, end } = busy(16);
  const flood = Array.from({ length: 16 }, (_, at) => wait(`flood ${at}`, `192.0.2.${at % 8}`));
  expect(permits.waiting).toBe(16);
  const other = wait("other", "198.51.100.1");
  expect(permits.waiting).toBe(16);
  await end();
  expect((await Promise.all(flood)).filter((answer) => answer === "overloaded")).toHaveLength(1);
  await other;
  expect(order).toContain("other");
});

test("the permit stays with running work when its caller leaves; waiting work gives its place back", async () => {
  const permits = new Permits(1, 10);
  const leaving = new AbortController();
  const first = openEnded();
  const running = permits.run(first.work, HOME, leaving.signal);
  await first.begun;
  let begun = false;
  const waiting = permits.run(
    async () => {
      begun = true;
    },
    HOME,
    leaving.signal,
  );
  expect(permits.waiting).toBe(1);
  leaving.abort();
  await expect(waiting).rejects.toThrow(/aborted/);
  expect(permits.waiting).toBe(0);
  const later = permits.run(async () => "done", HOME, signal);
  first.end();
  await running;
  expect(begun).toBe(false);
  expect(await later).toBe("done");
});

test("work that fails gives its permit back", async () => {
  const permits = new Permits(1, 1);
  await expect(permits.run(() => Promise.reject(new Error("no")), HOME, signal)).rejects.toThrow("no");
  expect(await permits.run(async () => "next", HOME, signal)).toBe("next");
});
