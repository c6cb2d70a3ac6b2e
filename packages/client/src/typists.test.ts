import type { PublicUser } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { Typists } from "./typists.ts";

const user = (username: string) => ({ id: username, username }) as unknown as PublicUser;

test("who types is named for six seconds after the last signal, or until the message is there; never oneself", () => {
  vi.useFakeTimers();
  let changes = 0;
  const typists = new Typists(
    () => "me",
    () => {
      changes += 1;
    },
  );
  const names = () => typists.users.map(({ username }) => username);
  typists.heard(user("me"));
  typists.heard(user("ada"));
  vi.advanceTimersByTime(5_000);
  typists.heard(user("ada"));
  typists.heard(user("bob"));
  vi.advanceTimersByTime(5_000);
  expect(names()).toEqual(["ada", "bob"]);
  typists.ended("ada");
  expect(names()).toEqual(["bob"]);
  vi.advanceTimersByTime(1_000);
  expect(names()).toEqual([]);
  expect(changes).toBe(4);
  vi.useRealTimers();
});

test("no more than 50 people are taken in", () => {
  const typists = new Typists(
    () => undefined,
    () => undefined,
  );
  for (let index = 0; index < 60; index += 1) typists.heard(user(`user ${index}`));
  expect(typists.users).toHaveLength(50);
  typists.end();
  expect(typists.users).toEqual([]);
});

test("others are told once in three seconds, as often as the server passes it on", () => {
  const typists = new Typists(
    () => "me",
    () => undefined,
  );
  expect([typists.mayTell(10_000), typists.mayTell(12_000), typists.mayTell(13_000)]).toEqual([true, false, true]);
});
