import { newId, type UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { isOwnDoing, Penalties } from "./penalties.ts";

const RATE = 20;
const MAX = RATE * 20;
const ADDRESS = "192.0.2.1";

function open() {
  const muteUntil = vi.fn();
  const onPenalty = vi.fn();
  const penalties = new Penalties({ framesPerSecond: RATE, rates: { muteUntil }, onPenalty });
  const user = newId<UserId>();
  /** `count` refusals of the user at one time. */
  const refuse = (count: number, now: number) => {
    for (let at = 0; at < count; at += 1) penalties.refused(user, ADDRESS, now);
  };
  const levels = () => onPenalty.mock.calls.map(([, , level]) => level);
  return { penalties, user, refuse, levels, muteUntil };
}

test("G8 who goes on against refusals is warned, slowed, muted for a minute and closed, each told once", () => {
  const { penalties, user, refuse, levels, muteUntil } = open();
  expect(penalties.weightOf(user, 0)).toBe(1);
  refuse(MAX / 40 - 1, 0);
  expect(levels()).toEqual([]);
  refuse(1, 0);
  expect(levels()).toEqual(["warned"]);
  expect(penalties.weightOf(user, 0)).toBe(1);
  refuse(MAX / 10 - MAX / 40, 0);
  expect(penalties.weightOf(user, 0)).toBe(4);
  refuse(MAX / 4 - MAX / 10, 0);
  expect(muteUntil).toHaveBeenCalledExactlyOnceWith(user, 60_000);
  const limit = { name: "user_refusals", count: MAX, seconds: 200, left: 0.75 * MAX };
  expect(() => penalties.weightOf(user, 10)).toThrow(
    expect.objectContaining({ code: "rate_limited", retryAfterMs: 59_990, limit }),
  );
  refuse((3 * MAX) / 4, 0);
  expect(levels()).toEqual(["warned", "slowed", "muted", "closed"]);
});

test("G8 penalties end with time: a mute after a minute, refusals within 200 seconds", () => {
  const { penalties, user, refuse, levels } = open();
  refuse(MAX / 4, 0);
  expect(() => penalties.weightOf(user, 59_999)).toThrow();
  expect(penalties.weightOf(user, 60_000)).toBe(1);
  refuse(MAX / 4, 60_000);
  const steps = ["warned", "slowed", "muted"];
  expect(levels()).toEqual([...steps, ...steps]);
  refuse(MAX / 40, 500_000);
  expect(levels().at(-1)).toBe("warned");
  expect(penalties.weightOf(user, 500_000)).toBe(1);
});

test("G8 others are not touched, and at the bound of users the oldest is forgotten", () => {
  const { penalties, user, refuse } = open();
  refuse(MAX / 4, 0);
  expect(penalties.weightOf(newId<UserId>(), 0)).toBe(1);
  for (let at = 0; at < 10_000; at += 1) penalties.refused(newId<UserId>(), ADDRESS, 0);
  expect(penalties.weightOf(user, 0)).toBe(1);
});

test("G8 a refusal for a room or the cluster is not counted against the user", () => {
  const hit = (name: string) => ({ name, count: 1, seconds: 1, left: 0 });
  const names = ["connection_frames", "user_publishes", "address_pings", "room_publishes", "cluster_publishes"];
  expect(names.filter((name) => isOwnDoing(hit(name)))).toEqual(names.slice(0, 3));
});

test("G8 refusals for the rate of an address, which others may have used up, mute nobody", () => {
  const { penalties, user, levels, muteUntil } = open();
  const limit = { name: "address_publishes", count: 50, seconds: 1, left: 0 };
  for (let at = 0; at < MAX; at += 1) expect(penalties.refused(user, ADDRESS, 0, limit)).toBeNull();
  expect([levels(), muteUntil.mock.calls]).toEqual([[], []]);
  expect(penalties.weightOf(user, 0)).toBe(1);
});
