import type { ClientFrame, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { Activity, isOfPerson } from "./activity.ts";

const [ada, bob] = ["a" as UserId, "b" as UserId];

test("a user is told at most once a minute, with the time of what was done", () => {
  let now = 1_000_000;
  const activity = new Activity(() => now);
  activity.note(ada);
  now += 59_999;
  activity.note(ada);
  activity.note(bob);
  expect(activity.take(10)).toEqual([
    { user: ada, at: 1_000_000 },
    { user: bob, at: 1_059_999 },
  ]);
  now += 1;
  activity.note(bob);
  activity.arrived(ada);
  expect(activity.hasNews).toBe(false);
  activity.note(ada);
  expect(activity.take(10)).toEqual([{ user: ada, at: 1_060_000 }]);
  expect(activity.hasNews).toBe(false);
});

test("what could not be told is told later, but not of users that have left", () => {
  const activity = new Activity(() => 1_000_000);
  activity.note(ada);
  activity.note(bob);
  const taken = activity.take(10);
  activity.forget(bob);
  activity.putBack(taken);
  expect(activity.take(10)).toEqual([{ user: ada, at: 1_000_000 }]);
});

test("pings and what a client does by itself to come back are of no person", () => {
  const [ref, room] = [1, "r"];
  const is = (frame: object) => isOfPerson(frame as ClientFrame);
  expect(is({ type: "ping", ref })).toBe(false);
  expect(is({ type: "subscribe", ref, room, since: { seq: 1, epoch: 1 } })).toBe(false);
  expect(is({ type: "subscribe", ref, room, mode: "head" })).toBe(false);
  expect(is({ type: "subscribe", ref, rooms: [] })).toBe(false);
  expect(is({ type: "subscribe", ref, room })).toBe(true);
  for (const type of ["publish", "edit", "react", "typing", "read"]) expect(is({ type, room })).toBe(true);
});
