import type { PublicUser } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { Typing } from "./typing.ts";

const user = (username: string) => ({ id: username, username }) as unknown as PublicUser;

test("who types is named for six seconds after the last signal, or until the message is there; never oneself", () => {
  vi.useFakeTimers();
  const lines: string[] = [];
  const typing = new Typing(user("me").id, (line) => lines.push(line));
  typing.heard(user("me"));
  typing.heard(user("ada"));
  vi.advanceTimersByTime(5_000);
  typing.heard(user("ada"));
  typing.heard(user("bob"));
  vi.advanceTimersByTime(5_000);
  expect(lines.at(-1)).toBe("ada and bob are typing…");
  typing.ended(user("ada").id);
  expect(lines.at(-1)).toBe("bob is typing…");
  vi.advanceTimersByTime(1_000);
  expect(lines.at(-1)).toBe("");
  vi.useRealTimers();
});

test("others are told once in three seconds, as often as the server passes it on", () => {
  const typing = new Typing(user("me").id, () => undefined);
  expect([typing.mayTell(10_000), typing.mayTell(12_000), typing.mayTell(13_000)]).toEqual([true, false, true]);
});
