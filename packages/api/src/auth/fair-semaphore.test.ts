import { expect, test } from "vitest";
import { FairSemaphore } from "./fair-semaphore.ts";

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

const full = () => new Error("full");

/** A queue whose only permit is taken, and what ran in it since. */
function busy(queueMax: number) {
  const semaphore = new FairSemaphore({ permits: 1, queueMax, full });
  const first = openEnded();
  const order: string[] = [];
  const running = semaphore.run(first.work, { address: "192.0.2.99", signal });
  const wait = (name: string, address: string) =>
    semaphore
      .run(async () => order.push(name), { address, signal: new AbortController().signal })
      .catch((error: Error) => error.message);
  const end = async () => {
    first.end();
    await running;
  };
  return { semaphore, order, wait, end };
}

test("G8 one call of each address waits in order, and an address over its share is refused", async () => {
  const { semaphore, order, wait, end } = busy(4);
  const waiting = [wait("second", HOME), wait("third", "192.0.2.2")];
  expect(semaphore.waiting).toBe(2);
  expect(await wait("fourth", HOME)).toBe("full");
  await end();
  await Promise.all(waiting);
  expect(order).toEqual(["second", "third"]);
  expect(semaphore.waiting).toBe(0);
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
  const { semaphore, wait, end } = busy(40);
  const flood = Array.from({ length: 30 }, (_, at) => wait(`flood ${at}`, `2001:db8:1:${at}::/64`));
  expect(semaphore.waiting).toBe(20);
  const other = wait("other", "2001:db8:2:0::/64");
  expect(semaphore.waiting).toBe(21);
  await end();
  expect((await Promise.all(flood)).filter((answer) => answer === "full")).toHaveLength(10);
  await other;
});

test("G8 a full queue takes the first work of a site in place of the newest of the busiest", async () => {
  const { semaphore, order, wait, end } = busy(16);
  const flood = Array.from({ length: 16 }, (_, at) => wait(`flood ${at}`, `192.0.2.${at % 8}`));
  expect(semaphore.waiting).toBe(16);
  const other = wait("other", "198.51.100.1");
  expect(semaphore.waiting).toBe(16);
  await end();
  expect((await Promise.all(flood)).filter((answer) => answer === "full")).toHaveLength(1);
  await other;
  expect(order).toContain("other");
});

test("the permit stays with running work when its caller leaves; waiting work gives its place back", async () => {
  const semaphore = new FairSemaphore({ permits: 1, queueMax: 10, full });
  const leaving = new AbortController();
  const first = openEnded();
  const running = semaphore.run(first.work, { address: HOME, signal: leaving.signal });
  await first.begun;
  let begun = false;
  const waiting = semaphore.run(
    async () => {
      begun = true;
    },
    { address: HOME, signal: leaving.signal },
  );
  expect(semaphore.waiting).toBe(1);
  leaving.abort();
  await expect(waiting).rejects.toThrow(/aborted/);
  expect(semaphore.waiting).toBe(0);
  const later = semaphore.run(async () => "done", { address: HOME, signal });
  first.end();
  await running;
  expect(begun).toBe(false);
  expect(await later).toBe("done");
});

test("work that fails releases its permit", async () => {
  const semaphore = new FairSemaphore({ permits: 1, queueMax: 4, full });
  const failing = semaphore.run(() => Promise.reject(new Error("away")), { address: HOME, signal });
  const next = semaphore.run(() => Promise.resolve("done"), { address: HOME, signal });
  await expect(failing).rejects.toThrow("away");
  expect(await next).toBe("done");
});
