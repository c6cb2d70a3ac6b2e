import { expect, test } from "vitest";
import { GatheredFrames } from "./gathered-frames.ts";
import { HeldFrames } from "./held-frames.ts";

const LARGE = Buffer.alloc(49_152);
const SMALL = Buffer.alloc(200);

function heldOf(frame: Buffer, count: number): number {
  const held = new HeldFrames();
  for (let seq = 1; seq <= count; seq += 1) held.hold(seq, 1, frame);
  return Array.from({ length: count }, (_none, at) => held.take(at + 1)).filter((one) => one !== undefined).length;
}

test("G8 the frames held behind a hole are bounded in bytes and number", () => {
  expect(heldOf(SMALL, 2_000)).toBe(1_024);
  expect(heldOf(LARGE, 2_000) * LARGE.length).toBeLessThanOrEqual(1_048_576);
  expect(heldOf(LARGE, 2_000)).toBeGreaterThan(20);
});

test("a held frame that comes again replaces the first, and a frame that is taken makes room", () => {
  const held = new HeldFrames();
  for (let turn = 0; turn < 100; turn += 1) held.hold(7, turn, LARGE);
  expect(held.epochOf(7)).toBe(99);
  expect(held.firstBetween(3, 10)).toBe(7);
  expect(held.firstBetween(7, 10)).toBe(10);
  for (let turn = 0; turn < 100; turn += 1) {
    held.hold(turn, 1, LARGE);
    expect(held.take(turn)?.frame).toBe(LARGE);
  }
});

test("G8 gathered frames leave when they are many or large", () => {
  const untilFull = (frame: Buffer | string): number => {
    const gathered = new GatheredFrames();
    let count = 0;
    for (; !gathered.isFull; count += 1) gathered.add(frame);
    while (gathered.shift() !== undefined) expect(gathered.isFull).toBe(false);
    return count;
  };
  expect(untilFull(SMALL)).toBe(256);
  expect(untilFull("x".repeat(200))).toBe(256);
  expect(untilFull(LARGE)).toBe(6);
});
