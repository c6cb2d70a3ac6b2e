import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "@hubbub/store/sql";
import { expect, test } from "vitest";
import { createAudit } from "./audit.ts";
import { gentle, lookAgain } from "./pacing.ts";

/** Seems wrong for this many looks. */
const faultyFor = (looks: number) => ({ left: looks, looks: 0 });
type Thing = ReturnType<typeof faultyFor>;

const look = async (thing: Thing) => {
  thing.looks += 1;
  return { isFaulty: thing.looks <= thing.left };
};

test("what settles is no fault, what is well is looked at once, and what stays is given up after four looks", async () => {
  const [well, settling, broken] = [faultyFor(0), faultyFor(2), faultyFor(Number.POSITIVE_INFINITY)];
  const seen = await lookAgain([well, settling, broken], look, 1);
  expect(seen.map(({ isFaulty }) => isFaulty)).toEqual([false, false, true]);
  expect([well.looks, settling.looks, broken.looks]).toEqual([1, 3, 4]);
});

test("a database that others use has as long a pause behind each page as the page took", async () => {
  const run = async () => {
    await delay(30);
    return [];
  };
  const audit = createAudit({ run } as Partial<Database> as Database);
  const begun = performance.now();
  expect(await gentle(audit).rooms("", 1)).toEqual([]);
  // Timers may come a millisecond early.
  expect(performance.now() - begun).toBeGreaterThan(57);
});
