import { type ClientFrame, FRAME_MAX_BYTES } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { FrameQueue } from "./frame-queue.ts";

const frame: ClientFrame = { type: "ping", ref: 1 };

function fits(queue: FrameQueue, bytes: number, isAuthenticated: boolean): number {
  let count = 0;
  while (count < 10_000 && queue.push(frame, bytes, isAuthenticated)) count += 1;
  return count;
}

test("G8 waiting frames are bounded by their bytes, and by fewer before the hello holds", () => {
  expect(fits(new FrameQueue(), FRAME_MAX_BYTES, true)).toBe(16);
  expect(fits(new FrameQueue(), FRAME_MAX_BYTES, false)).toBe(2);
});

test("G8 waiting frames are bounded by their number", () => {
  expect(fits(new FrameQueue(), 1, true)).toBe(512);
});

test("a frame that is taken gives its bytes back", () => {
  const queue = new FrameQueue();
  for (let at = 0; at < 100; at += 1) {
    expect(queue.push(frame, FRAME_MAX_BYTES, false)).toBe(true);
    expect(queue.shift()).toBe(frame);
  }
  expect(queue.shift()).toBeUndefined();
});
