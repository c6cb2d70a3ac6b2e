import { expect, test } from "vitest";
import { ANSWER_EVENTS_MAX, collect, LOG_ENTRY_EVENTS, TAIL_ENTRY_EVENTS } from "./entries.ts";

const THIN_ENTRIES = 100;
const COUNT = 500;

/** Entries of one event each, as a quiet time leaves them, and then full ones. */
function entryBehind(last: number, entryEvents: number): number[] {
  const size = last < THIN_ENTRIES ? 1 : entryEvents;
  return Array.from({ length: size }, (_none, at) => last + 1 + at);
}

test.each([LOG_ENTRY_EVENTS, TAIL_ENTRY_EVENTS])(
  "G8 full entries of %i behind small ones do not make an answer larger than its bound",
  async (entryEvents) => {
    const answers: number[] = [];
    const events = await collect<number>(COUNT, entryEvents, async (last = 0, count) => {
      const entries: number[][] = [];
      while (entries.length < count) entries.push(entryBehind(entries.at(-1)?.at(-1) ?? last, entryEvents));
      answers.push(entries.flat().length);
      return entries;
    });
    expect(events).toEqual(Array.from({ length: COUNT }, (_none, at) => at + 1));
    expect(Math.max(...answers)).toBeLessThanOrEqual(ANSWER_EVENTS_MAX);
  },
);
