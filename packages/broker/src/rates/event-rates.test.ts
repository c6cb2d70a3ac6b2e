import { newId, type PublicUser, type RoomId, type UserId } from "@hubbub/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { createMemoryBroker } from "../memory/memory-broker.ts";
import { BrokerUnavailable } from "../roles/broker-unavailable.ts";
import { EventRates, publishCost, REPORT_MS } from "./event-rates.ts";

const RATE = 10;
const SETTINGS = {
  PUBLISHES_PER_SECOND_PER_USER: RATE,
  GUEST_LIMIT_PERCENT: 50,
  PUBLISHES_PER_SECOND_PER_ROOM: 0,
  PUBLISHES_PER_SECOND_IN_CLUSTER: 0,
};
const SECONDS = 20;
const STEP_MS = 50;

const somebody = (username = "ada"): PublicUser => ({ id: newId<UserId>(), username });

/** Whether it was not refused for a rate. */
function isLet(charge: () => void): boolean {
  try {
    charge();
    return true;
  } catch (error) {
    expect(error).toMatchObject({
      code: "rate_limited",
      limit: { left: 0, seconds: 1 },
      retryAfterMs: expect.any(Number),
    });
    return false;
  }
}

/** Gateways that share what users spend, in virtual time. */
function openGateways(count: number, settings: Partial<typeof SETTINGS> = {}) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { spending } = createMemoryBroker({ shards: 1, backlogMaxEvents: 1, durableAccept: false });
  const add = vi.spyOn(spending, "add");
  const gateways = Array.from({ length: count }, () => new EventRates({ ...SETTINGS, ...settings }, spending));
  const report = () => Promise.allSettled(gateways.map((gateway) => gateway.report()));
  /** Runs for `SECONDS`; answers how many publishes of those tried at each gateway each `everyMs` were let through. */
  const run = async (user: PublicUser, everyMs: number) =>
    repeat((gateway) => gateway.chargeUser(user, 1, performance.now()), everyMs);
  const repeat = async (charge: (gateway: EventRates) => void, everyMs: number): Promise<number> => {
    let taken = 0;
    for (let at = 0; at < SECONDS * 1_000; at += STEP_MS) {
      const tried = at % everyMs === 0 ? gateways : [];
      for (const gateway of tried) if (isLet(() => charge(gateway))) taken += 1;
      if (at % REPORT_MS === 0) await report();
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return taken;
  };
  return { gateways, add, run, repeat, report };
}

test("G8 more gateways do not multiply what one user may publish", async () => {
  const { run } = openGateways(4);
  const taken = await run(somebody(), STEP_MS);
  // Four times the rate without the sum of all; what is over it is a burst and what is not reported yet.
  expect(taken).toBeLessThan(2 * RATE * SECONDS);
  expect(taken).toBeGreaterThan(0.9 * RATE * SECONDS);
});

test("G8 a user on one gateway has the whole rate, and Redis hears of them once a report", async () => {
  const { run, add } = openGateways(1);
  expect(await run(somebody(), STEP_MS)).toBeGreaterThan(0.9 * RATE * SECONDS);
  expect(add.mock.calls.length).toBeLessThanOrEqual((SECONDS * 1_000) / REPORT_MS);
});

test("G8 users who say little cost no call of Redis and no memory", async () => {
  const { run, add } = openGateways(2);
  expect(await run(somebody(), 4_000)).toBe(2 * (SECONDS / 4));
  expect(add).not.toHaveBeenCalled();
});

test("G8 while Redis is away the local rate holds", async () => {
  const { run, add } = openGateways(1);
  add.mockRejectedValue(new BrokerUnavailable("the log cannot be reached"));
  const taken = await run(somebody(), STEP_MS);
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
  const [here, there] = gateways as [EventRates, EventRates];
  const user = somebody();
  let taken = 0;
  for (let at = 0; at < SECONDS * 1_000; at += STEP_MS) {
    for (const gateway of gateways) if (isLet(() => gateway.chargeUser(user, 8, performance.now()))) taken += 1;
    if (at % REPORT_MS === 0) await Promise.all([here.report(), there.report()]);
    await vi.advanceTimersByTimeAsync(STEP_MS);
  }
  expect(taken * 8).toBeLessThan(2 * RATE * SECONDS);
  expect(taken * 8).toBeGreaterThan(0.8 * RATE * SECONDS);
});

test("G8 more gateways do not multiply what one room or the cluster takes, and another room is not hurt", async () => {
  const [loud, quiet] = [newId<RoomId>(), newId<RoomId>()];
  const ofRoom = openGateways(4, { PUBLISHES_PER_SECOND_PER_ROOM: RATE });
  let quietTaken = 0;
  const taken = await ofRoom.repeat((gateway) => {
    if (gateway === ofRoom.gateways[0] && isLet(() => gateway.chargeEvent(quiet))) quietTaken += 1;
    gateway.chargeEvent(loud);
  }, STEP_MS);
  // The bound that `SharedRate` states: in each window its allowance, and 1.75 seconds' worth for each process.
  expect(taken).toBeLessThan((SECONDS / 4) * RATE * (4 + 4 * 1.75));
  expect(taken).toBeGreaterThan(0.9 * RATE * SECONDS);
  expect(quietTaken).toBeGreaterThan(0.9 * RATE * SECONDS);
  const ofCluster = openGateways(4, { PUBLISHES_PER_SECOND_IN_CLUSTER: RATE });
  expect(await ofCluster.repeat((gateway) => gateway.chargeEvent(newId()), STEP_MS)).toBeLessThan(2 * RATE * SECONDS);
});

test("G8 all rates together cost one call a report; without a limit a room costs none", async () => {
  const { gateways, add, report } = openGateways(1, { PUBLISHES_PER_SECOND_PER_ROOM: 1_000 });
  const [gateway] = gateways;
  const user = somebody();
  for (let at = 0; at < 5; at += 1) gateway?.chargeUser(user, 1, performance.now());
  for (let at = 0; at < 500; at += 1) gateway?.chargeEvent(newId<RoomId>());
  const room = newId<RoomId>();
  for (let at = 0; at < 300; at += 1) gateway?.chargeEvent(room);
  await report();
  expect(add).toHaveBeenCalledOnce();
  expect(add.mock.calls[0]?.[0].map(({ key, count }) => ({ key, count }))).toEqual([
    { key: user.id, count: 5 },
    { key: `room:${room}`, count: 300 },
  ]);
});

test("G8 a guest has the share of the setting", async () => {
  const { run } = openGateways(1);
  const taken = await run(somebody("guest-ada"), STEP_MS);
  expect(taken).toBeLessThanOrEqual((RATE * (SECONDS + 2)) / 2);
  expect(taken).toBeGreaterThan(0.8 * (RATE / 2) * SECONDS);
});

test("G8 a mute at one gateway holds at another from the first report there, and ends", async () => {
  const { gateways, report } = openGateways(2);
  const [here, there] = gateways as [EventRates, EventRates];
  const user = somebody();
  const say = () => isLet(() => there.chargeUser(user, 1, performance.now()));
  here.muteUntil(user.id, performance.now() + 20_000);
  let taken = 0;
  for (let at = 0; at < 20_000; at += REPORT_MS) {
    if (say()) taken += 1;
    await report();
    await vi.advanceTimersByTimeAsync(REPORT_MS);
  }
  expect(taken).toBeLessThanOrEqual(RATE / 4 + 1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(say()).toBe(true);
});
