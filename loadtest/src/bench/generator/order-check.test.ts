import { expect, test } from "vitest";
import { OrderCheck } from "./order-check.ts";

const from = (sender: number, number: number) => ({ sender, number, microseconds: 0 });

test("numbers of several senders that rise by one each, in any mixture, are in order", () => {
  const check = new OrderCheck();
  check.see(from(1, 0), 10);
  check.see(from(2, 5), 11);
  check.see(from(1, 1), 12);
  check.see(from(2, 6), 13);
  expect(check.faults).toBe(0);
});

test.each([
  ["a hole", from(1, 3), 11],
  ["a double", from(1, 1), 11],
  ["a seq that jumps", from(1, 2), 13],
  ["a frame without a text", null, 11],
])("%s is a fault", (_name, head, seq) => {
  const check = new OrderCheck();
  check.see(from(1, 1), 10);
  check.see(head, seq);
  expect(check.faults).toBeGreaterThan(0);
});
