import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RowHold } from "./row-hold.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A list in which a row is held. `frames`: the browser makes some. */
function setUp() {
  const waiting = new Map<number, () => void>();
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
    waiting.set(waiting.size + 1, work);
    return waiting.size;
  });
  vi.stubGlobal("cancelAnimationFrame", (id: number) => waiting.delete(id));
  const scroll = Object.assign(new EventTarget(), { scrollTop: 0 });
  const place = { top: 100 };
  const hold = new RowHold({ scroll: scroll as never, top: () => place.top, isLaidOut: () => true });
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

test("a row is held while others are measured, until the browser has made frames for that", async () => {
  const { scroll, place, hold, frames, moved } = setUp();
  expect(scroll.scrollTop).toBe(100);
  scroll.scrollTop = 60;
  hold.measured();
  await Promise.resolve();
  moved(scroll.scrollTop);
  expect(scroll.scrollTop).toBe(100);
  const measured = async (top: number): Promise<number> => {
    place.top = top;
    hold.measured();
    await Promise.resolve();
    return scroll.scrollTop;
  };
  vi.advanceTimersByTime(1_000);
  frames();
  expect(await measured(150)).toBe(150);
  vi.advanceTimersByTime(1_000);
  frames();
  frames();
  expect(await measured(200)).toBe(150);
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
    expect(scroll.scrollTop).toBe(20);
  }
});
