import type { PersonalFrame } from "@hubbub/client";
import { expect, test, vi } from "vitest";
import { Invitations } from "./invitations.ts";

test("news of invitations and rooms are read at once, and after an outage within ten seconds", async () => {
  vi.useFakeTimers();
  const ending = new AbortController();
  const invitations = vi.fn(async () => []);
  const [roomsChanged, changed] = [vi.fn(), vi.fn()];
  const host = { http: { invites: { invitations } }, signal: ending.signal, changed, roomsChanged };
  const met = new Invitations(host as never);
  const hear = (news: object) => met.hear(news as PersonalFrame);
  hear({ kind: "invited" });
  hear({ kind: "joined" });
  hear({ kind: "read" });
  await vi.advanceTimersByTimeAsync(0);
  expect([invitations, roomsChanged, changed].map((one) => one.mock.calls.length)).toEqual([1, 1, 1]);
  hear({ kind: "missed", afterMs: 500 });
  await vi.advanceTimersByTimeAsync(499);
  expect(roomsChanged).toHaveBeenCalledTimes(1);
  met.returned();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(roomsChanged).toHaveBeenCalledTimes(3);
  met.returned();
  ending.abort();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(roomsChanged).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});
