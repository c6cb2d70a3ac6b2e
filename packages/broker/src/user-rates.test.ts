import { newId, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { createMemoryBroker } from "./memory/memory-broker.ts";
import { BrokerUnavailable } from "./roles/broker-unavailable.ts";
import { publishCost, REPORT_MS, UserRates } from "./user-rates.ts";

const RATE = 10;
const SECONDS = 20;
const STEP_MS = 50;

/** Gateways that share what users spend, in virtual time. */
function openGateways(count: number) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { spending } = createMemoryBroker({ shards: 1, backlogMaxEvents: 1, durableAccept: false });
  const add = vi.spyOn(spending, "add");
  const gateways = Array.from({ length: count }, () => new UserRates(RATE, spending));
  const report = () => Promise.allSettled(gateways.map((gateway) => gateway.report()));
  /** Runs for `SECONDS`; answers how many publishes of those tried at each gateway each `everyMs` were let through. */
  const run = async (user: UserId, everyMs: number): Promise<number> => {
    let taken = 0;
    for (let at = 0; at < SECONDS * 1_000; at += STEP_MS) {
      const tried = at % everyMs === 0 ? gateways : [];
      for (const gateway of tried) if (gateway.take(user, performance.now()) === 0) taken += 1;
      if (at % REPORT_MS === 0) await report();
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return taken;
  };
  return { gateways, add, run };
}

test("G8 more gateways do not multiply what one user may publish", async () => {
  const { run } = openGateways(4);
  const taken = await run(newId<UserId>(), STEP_MS);
  // Four times the rate without the sum of all; what is over it is a burst and what is not reported yet.
  expect(taken).toBeLessThan(2 * RATE * SECONDS);
  expect(taken).toBeGreaterThan(0.9 * RATE * SECONDS);
});

test("G8 a user on one gateway has the whole rate, and Redis hears of them once a report", async () => {
  const { run, add } = openGateways(1);
  expect(await run(newId<UserId>(), STEP_MS)).toBeGreaterThan(0.9 * RATE * SECONDS);
  expect(add.mock.calls.length).toBeLessThanOrEqual((SECONDS * 1_000) / REPORT_MS);
});

test("G8 users who say little cost no call of Redis and no memory", async () => {
  const { run, add } = openGateways(2);
  expect(await run(newId<UserId>(), 4_000)).toBe(2 * (SECONDS / 4));
  expect(add).not.toHaveBeenCalled();
});

test("G8 while Redis is away the local rate holds", async () => {
  const { run, add } = openGateways(1);
  add.mockRejectedValue(new BrokerUnavailable("the log cannot be reached"));
  const taken = await run(newId<UserId>(), STEP_MS);
  expect(taken).toBeLessThanOrEqual(RATE * (SECONDS + 1));
  expect(taken).toBeGreaterThanOrEqual(RATE * SECONDS);
  expect(add).toHaveBeenCalled();
});

test("G8 a text counts as a publish for each begun KiB, in bytes of UTF-8", () => {
  expect(["", "x", "x".repeat(1_024), "x".repeat(1_025), "x".repeat(8_192)].map(publishCost)).toEqual([1, 1, 1, 2, 8]);
  expect([..."é漢"].map((sign) => publishCost(sign.repeat(1_024)))).toEqual([2, 3]);
});

test("G8 what costs eight takes the time of eight from the user, here and at the other gateways", async () => {
  const { gateways } = openGateways(2);
  const [here, there] = gateways as [UserRates, UserRates];
  const user = newId<UserId>();
  let taken = 0;
  for (let at = 0; at < SECONDS * 1_000; at += STEP_MS) {
    for (const gateway of gateways) if (gateway.take(user, performance.now(), 8) === 0) taken += 1;
    if (at % REPORT_MS === 0) await Promise.all([here.report(), there.report()]);
    await vi.advanceTimersByTimeAsync(STEP_MS);
  }
  expect(taken * 8).toBeLessThan(2 * RATE * SECONDS);
  expect(taken * 8).toBeGreaterThan(0.8 * RATE * SECONDS);
});
