import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RowHold } from "./row-hold.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A list that is held at its end. `frames`: the browser makes some. */
function setUp() {
  const waiting = new Map<number, () => void>();
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
    waiting.set(waiting.size + 1, work);
    return waiting.size;
  });
  vi.stubGlobal("cancelAnimationFrame", (id: number) => waiting.delete(id));
  const scroll = Object.assign(new EventTarget(), { scrollTop: 0 });
  const place = { end: 100 };
  const hold = new RowHold({ scroll: scroll as never, top: () => place.end, isLaidOut: () => true });
  const frames = (): void => {
    const due = [...waiting.values()];
    waiting.clear();
    for (const work of due) work();
  };
  const moved = (top: number): void => {
    scroll.scrollTop = top;
    scroll.dispatchEvent(new Event("scroll"));
  };
  return { scroll, place, hold, frames, moved };
}

test("the end is held while rows are measured, whoever has put it there, until the browser has made frames for that", async () => {
  const { scroll, place, hold, frames, moved } = setUp();
  expect(scroll.scrollTop).toBe(100);
  scroll.scrollTop = 60;
  hold.measured();
  await Promise.resolve();
  moved(scroll.scrollTop);
  expect(scroll.scrollTop).toBe(100);
  place.end = 150;
  moved(150);
  expect([hold.isLeft, hold.isEnded]).toEqual([false, false]);
  vi.advanceTimersByTime(1_000);
  frames();
  expect(hold.isEnded).toBe(false);
  frames();
  expect([hold.isLeft, hold.isEnded]).toEqual([false, true]);
});

test("nobody who scrolls, or begins to, is pulled back", async () => {
  const away = setUp();
  away.moved(20);
  const wheel = setUp();
  wheel.scroll.dispatchEvent(new Event("wheel"));
  wheel.scroll.scrollTop = 20;
  for (const { hold, scroll } of [away, wheel]) {
    hold.measured();
    await Promise.resolve();
    expect([hold.isLeft, scroll.scrollTop]).toEqual([true, 20]);
  }
});
