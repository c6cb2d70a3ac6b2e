import { expect, test } from "vitest";
import { mergeLanes } from "./lanes.ts";

const secondsOf = (item: string) => Number(item.slice(1));

test("each lane begins with its longest item, and an item comes when the one before it in its lane is over", () => {
  const clusters = { items: ["c2", "c9", "c4"], secondsOf };
  const others = { items: ["o3", "o5", "o1", "o3"], secondsOf };
  expect(mergeLanes([clusters, others])).toEqual(["c9", "o5", "o3", "o3", "c4", "o1", "c2"]);
});

test("one lane alone is in order, and nothing gives nothing", () => {
  expect(mergeLanes([{ items: ["o1", "o2"], secondsOf }])).toEqual(["o2", "o1"]);
  expect(mergeLanes([{ items: [], secondsOf }])).toEqual([]);
});
