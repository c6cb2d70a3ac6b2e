import { expect, test } from "vitest";
import { planBatch } from "./batch-reader.ts";

const idle = { rows: 0, chars: 0, wasFull: false, sinceLastMs: 60_000 };

test("an entry that comes alone is committed at once", () => {
  expect(planBatch(idle, 50)).toMatchObject({ pauseMs: 0, blockMs: 500 });
  expect(planBatch({ ...idle, rows: 1, chars: 200 }, 50)).toBe("close");
});

test("batches keep their distance", () => {
  expect(planBatch({ ...idle, sinceLastMs: 12.5 }, 50)).toMatchObject({ pauseMs: 38 });
  expect(planBatch({ ...idle, sinceLastMs: 80 }, 50)).toMatchObject({ pauseMs: 0 });
});

test("where acks wait for the commit nothing is gathered, and batches stay short", () => {
  expect(planBatch({ ...idle, sinceLastMs: 0 }, 0)).toMatchObject({ pauseMs: 0 });
  expect(planBatch({ rows: 500, chars: 100_000, wasFull: true, sinceLastMs: 0 }, 0)).toBe("close");
});

test("a writer that is behind does not wait, and reads on up to the bounds of a batch", () => {
  const behind = { rows: 500, chars: 100_000, wasFull: true, sinceLastMs: 1 };
  expect(planBatch(behind, 50)).toEqual({ pauseMs: 0, count: 500, blockMs: 0 });
  expect(planBatch({ ...behind, rows: 4_900 }, 50)).toMatchObject({ count: 100 });
  expect(planBatch({ ...behind, rows: 5_000 }, 50)).toBe("close");
  expect(planBatch({ ...behind, chars: 4_000_000 }, 50)).toBe("close");
  expect(planBatch({ ...behind, rows: 0, chars: 0 }, 50)).toMatchObject({ pauseMs: 0 });
});
