import { HubbubError } from "@hubbub/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerLines } from "./server-lines.ts";
import { TypedLines } from "./typed-lines.ts";

const NOW = 1_000_000;
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** A server that keeps the text of a room that was typed last. Its clock is that of the test. */
function started() {
  const calls: string[] = [];
  const taken: string[] = [];
  const lines = new TypedLines(undefined, "ada");
  const http = {
    setDraft: vi.fn(async (room: string, { text, at }: { text: string; at: number }) => {
      calls.push(`${room} ${text}`);
      return { text, at: Math.min(at, Date.now()) };
    }),
    removeDraft: vi.fn(async (room: string) => void calls.push(`${room} removed`)),
  };
  const server = new ServerLines({ http, lines, taken: (room) => taken.push(room) });
  const type = (text: string, isPasted = false) => lines.set("tea", { text, isPasted });
  return { server, lines, http, calls, taken, type };
}

test("a line goes to the server when nobody types for a moment, and is removed when it is sent", async () => {
  const { calls, type } = started();
  type("h");
  await vi.advanceTimersByTimeAsync(700);
  type("hello\vyou", true);
  await vi.advanceTimersByTimeAsync(700);
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  type("");
  await vi.advanceTimersByTimeAsync(0);
  expect(calls).toEqual(["tea hello\nyou", "tea removed"]);
});

test("commands are not shared, and a line that becomes one leaves the server", async () => {
  const { calls, type } = started();
  type(".ban bob");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual([]);
  for (const [text, isPasted] of [["hello"], [".quit"], [".quit", true], [" .quit"]] as const) {
    type("");
    type(text, isPasted);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(calls).toEqual(["tea hello", "tea removed", "tea .quit", "tea .quit"]);
});

test("the later of two texts wins, and a text of another client is no command", async () => {
  const { server, lines, taken, type, calls } = started();
  server.take({ room: "tea", text: ".leave\nme", at: NOW - 1 });
  expect(lines.get("tea")).toEqual({ text: ".leave\vme", isPasted: true });
  type("later");
  server.take({ room: "tea", text: "earlier", at: NOW - 5 });
  expect(lines.get("tea")).toEqual({ text: "later", isPasted: false });
  server.take({ room: "tea", text: "", at: NOW + 5 });
  server.take({ room: "tea", text: "of a page that did not hear of it", at: NOW + 4 });
  expect(lines.get("tea")).toBeUndefined();
  expect(taken).toEqual(["tea", "tea"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual([]);
});

test("a clock that is ahead does not keep what others type from being taken", async () => {
  const { server, lines, http, type } = started();
  http.setDraft.mockImplementation(async (_room, { text }) => ({ text, at: NOW - 3_600_000 }));
  type("ahead");
  await vi.advanceTimersByTimeAsync(1_000);
  server.take({ room: "tea", text: "behind it", at: NOW - 3_500_000 });
  expect(lines.get("tea")?.text).toBe("behind it");
});

test("requests come one after the other, again after an error, with what was typed last", async () => {
  const { http, calls, type } = started();
  http.setDraft.mockImplementationOnce(async () => {
    type("newer");
    throw new HubbubError("unavailable");
  });
  type("older");
  await vi.waitFor(() => expect(calls).toEqual(["tea newer"]), { timeout: 5_000 });
  expect(http.setDraft.mock.calls.map(([, { text }]) => text)).toEqual(["older", "newer"]);
});

test("at the end the server gets what was typed last, within the time it is given", async () => {
  const { server, http, calls, type } = started();
  type("last words");
  await server.settle(1_000);
  expect(calls).toEqual(["tea last words"]);
  http.setDraft.mockImplementation(() => new Promise(() => undefined));
  type("never taken");
  const settled = server.settle(1_000).then(() => calls.push("settled"));
  await vi.advanceTimersByTimeAsync(1_000);
  await settled;
  server.end();
});
