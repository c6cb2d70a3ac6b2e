import { expect, test } from "vitest";
import { Running } from "./running.ts";

test("G8 requests above the bound are refused with overloaded until one is answered", async () => {
  const running = new Running(1);
  let answer: (response: Response) => void = () => undefined;
  const first = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const tracked = running.track(first);
  expect(() => running.admit()).not.toThrow();
  const second = running.track(first.then((response) => response));
  expect(() => running.admit()).toThrow(expect.objectContaining({ code: "overloaded", retryAfterMs: 1_000 }));
  answer(new Response("done"));
  await Promise.all([tracked, second]);
  expect(() => running.admit()).not.toThrow();
});
