import { expect, test } from "vitest";
import { fairShare } from "./ownership.ts";

test("fair shares add up to at least all shards", () => {
  expect(fairShare(16, 0)).toBe(16);
  expect(fairShare(16, 1)).toBe(16);
  expect(fairShare(16, 3)).toBe(6);
  expect(fairShare(2, 5)).toBe(1);
});
