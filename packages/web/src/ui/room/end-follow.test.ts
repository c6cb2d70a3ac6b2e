import { expect, test } from "vitest";
import { EndFollow } from "./end-follow.ts";

const NOW = 1_000;

/** A list of 1,000 px in a window of 400 px, at its end. Like a browser, it scrolls no further than that. */
function setUp() {
  let [top, height] = [0, 1_000];
  const list = {
    clientHeight: 400,
    get scrollHeight() {
      return height;
    },
    set scrollHeight(px: number) {
      height = px;
      top = Math.min(top, height - list.clientHeight);
    },
    get scrollTop() {
      return top;
    },
    set scrollTop(px: number) {
      top = Math.max(0, Math.min(px, height - list.clientHeight));
    },
  };
  const end = new EndFollow();
  end.toEnd(list);
  const below = (): number => list.scrollHeight - list.scrollTop - list.clientHeight;
  return { list, end, below };
}

test("the end stays in sight while rows are measured, wherever the list has moved itself for that", () => {
  const { list, end, below } = setUp();
  for (const [height, top] of [
    [1_200, 600],
    [1_100, 450],
    [1_100, 300],
  ] as const) {
    list.scrollHeight = height;
    list.scrollTop = top;
    end.measured(list);
    end.scrolled(list, NOW);
    expect([end.isFollowing, below()]).toEqual([true, 0]);
  }
  list.scrollHeight = 700;
  end.scrolled(list, NOW);
  list.scrollHeight = 900;
  end.resized(list, NOW);
  expect([end.isFollowing, below()]).toEqual([true, 0]);
});

test("who scrolls up is not pulled down, also where the heights changed at the same time", () => {
  const { list, end } = setUp();
  list.scrollHeight = 1_200;
  end.measured(list);
  list.scrollHeight = 1_300;
  list.scrollTop -= 100;
  end.used(NOW - 100);
  end.resized(list, NOW);
  end.measured(list);
  expect([end.isFollowing, list.scrollTop]).toEqual([false, 700]);
  list.scrollTop = 890;
  end.scrolled(list, NOW);
  expect(end.isFollowing).toBe(true);
});

test("a list that moves while its heights change, and nobody touches it, is put back at its end", () => {
  const { list, end, below } = setUp();
  end.used(NOW - 2_000);
  list.scrollHeight = 700;
  list.scrollHeight = 1_500;
  end.scrolled(list, NOW);
  expect(below()).toBe(800);
  end.resized(list, NOW);
  expect([end.isFollowing, below()]).toEqual([true, 0]);
});

test("who scrolls up slowly keeps that distance from the end while rows are measured, until it is left", () => {
  const { list, end, below } = setUp();
  for (const px of [20, 40]) {
    list.scrollTop -= 20;
    end.scrolled(list, NOW);
    list.scrollHeight += 33;
    end.measured(list);
    expect([end.isFollowing, below()]).toEqual([true, px]);
  }
  list.scrollTop -= 20;
  end.scrolled(list, NOW);
  list.scrollHeight += 33;
  end.measured(list);
  expect([end.isFollowing, below()]).toEqual([false, 93]);
});
