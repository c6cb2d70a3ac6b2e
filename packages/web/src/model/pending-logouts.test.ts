import { HubbubError, type StoredTokens } from "@hubbub/client";
import type { UserId } from "@hubbub/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PageStorage } from "./page-storage.ts";
import { type EndSession, PendingLogouts } from "./pending-logouts.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("reportError", (error: unknown) => {
    throw error;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const tokens = (refreshToken: string): StoredTokens => ({
  user: { id: "u" as UserId, username: "ada" },
  accessToken: "a",
  refreshToken,
  expiresIn: 600,
  expiresAt: 0,
});
/** Nothing is forbidden to it but lasting. */
const memory = () =>
  new PageStorage(() => {
    throw new Error("no storage");
  }, "hubbub.");

test("an unconfirmed logout is repeated with its latest tokens until it succeeds", async () => {
  const asked: string[] = [];
  const waiting: number[] = [];
  const answers = [new HubbubError("unreachable"), new HubbubError("unavailable"), undefined];
  const end: EndSession = async ({ refreshToken }, renewed) => {
    asked.push(refreshToken);
    renewed(tokens("second"));
    const answer = answers.shift();
    if (answer !== undefined) throw answer;
  };
  const logouts = new PendingLogouts(memory(), end, (count) => waiting.push(count));
  logouts.add(tokens("first"));
  await logouts.run();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["first", "second", "second"]);
  expect(waiting).toEqual([1, 1, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a session unknown to the server is logged out; at the bound the oldest is given up", async () => {
  const asked = new Set<string>();
  const end: EndSession = async ({ refreshToken }) => {
    asked.add(refreshToken);
    throw new HubbubError("session_revoked");
  };
  const storage = memory();
  const logouts = new PendingLogouts(storage, end, () => undefined);
  for (let index = 0; index < 12; index += 1) logouts.add(tokens(`t${index}`));
  await logouts.run();
  expect([...asked]).toHaveLength(10);
  expect(asked.has("t11")).toBe(true);
  expect(storage.keys("logout.")).toEqual([]);
});
