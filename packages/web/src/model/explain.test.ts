import { HubbubError } from "@hubbub/client";
import { expect, test } from "vitest";
import { explain } from "./explain.ts";

test("a refusal says when to try again, or what the server said", () => {
  expect(explain(new HubbubError("slow_mode", undefined, { retryAfterMs: 4_200 }))).toMatch(/again in 5 s\.$/);
  expect(explain(new HubbubError("muted", undefined, { retryAfterMs: 3_600_000 }))).toMatch(/write again in 60 min\.$/);
  expect(explain(new HubbubError("muted", "you cannot write to this user"))).toBe("You cannot write to this user.");
  expect(() => explain(new TypeError("a bug"))).toThrow("a bug");
});
