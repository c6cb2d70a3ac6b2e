import { expect, test } from "vitest";
import { fairShare } from "./fair-share.ts";

test("shares add up to all shards at least", () => {
  expect(fairShare(16, 0)).toBe(16);
  expect(fairShare(16, 1)).toBe(16);
  expect(fairShare(16, 3)).toBe(6);
  expect(fairShare(2, 5)).toBe(1);
});
