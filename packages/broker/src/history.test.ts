import {
  encodeEventBody,
  encodeEventHead,
  newId,
  type PublicUser,
  type RoomEvent,
  type RoomId,
} from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createHistory, type History } from "./history.ts";

const room = newId<RoomId>();
const by: PublicUser = { id: newId(), username: "ada" };
const body = (seq: number) => ({ by, kind: "message" as const, id: `${seq}` as never, text: `text ${seq}` });
const rowOf = (seq: number): RoomEvent => ({ type: "event", room, epoch: 1, seq, at: seq, ...body(seq) });
const frameOf = (seq: number) => encodeEventHead(room, 1, seq, seq) + encodeEventBody(body(seq));

interface Room {
  readonly tail: number[];
  readonly rows: number[];
  readonly head?: number | null;
  /** Called between two reads: what other processes do meanwhile. */
  readonly between?: () => void;
}

/** A tail and a store that hold these seqs. */
function timelineOf({ tail, rows, head, between }: Room): History & { reads: string[] } {
  const reads: string[] = [];
  const rising = (seqs: readonly number[]) => [...seqs].sort((one, other) => one - other);
  const newest = () => head ?? Math.max(0, ...tail, ...rows);
  const log = {
    async tail(_room: RoomId, after: number, limit: number) {
      reads.push("tail");
      const found = rising(tail.filter((seq) => seq > after)).slice(0, limit);
      between?.();
      return found.map((seq) => ({ seq, frame: Buffer.from(frameOf(seq)) }));
    },
    heads: async () => [head === null ? null : { epoch: 1, seq: newest(), durable: 0 }],
  };
  const timeline = createHistory(log, async (_room, range) => {
    reads.push("rows");
    const found =
      "after" in range
        ? rising(rows.filter((seq) => seq > range.after)).slice(0, range.limit)
        : rising(rows.filter((seq) => seq < range.before)).slice(-range.limit);
    between?.();
    return found.map(rowOf);
  });
  return { ...timeline, reads };
}

const seqs = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq);
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(to - from + 1, 0) }, (_none, at) => from + at);

/** Seqs rising by each step's jump. */
function numbered<Step extends { jump: number }>(steps: readonly Step[]): (Step & { seq: number })[] {
  let seq = 0;
  return steps.map((step) => {
    seq += step.jump;
    return { ...step, seq };
  });
}

test("G5 what the tail holds is answered without the store", async () => {
  const timeline = timelineOf({ tail: range(5, 20), rows: range(1, 12) });
  expect(seqs((await timeline.after(room, 6, 20, 100)).events)).toEqual(range(7, 20));
  expect(seqs((await timeline.after(room, 6, 20, 3)).events)).toEqual([7, 8, 9]);
  expect(timeline.reads).toEqual(["tail", "tail"]);
});

test("G5 rows fill what the tail lacks, as the same bytes", async () => {
  const timeline = timelineOf({ tail: range(11, 20), rows: range(1, 14) });
  const page = await timeline.after(room, 0, 20, 100);
  expect(page.events.map(({ frame }) => frame.toString())).toEqual(range(1, 20).map(frameOf));
  expect(page).toMatchObject({ holes: [], to: 20 });
});

test("G5 nothing above the head that was asked for, nothing at all for a reader that is up to date", async () => {
  const timeline = timelineOf({ tail: range(1, 30), rows: [] });
  expect(seqs((await timeline.after(room, 10, 12, 100)).events)).toEqual([11, 12]);
  expect(await timeline.after(room, 12, 12, 100)).toEqual({ events: [], holes: [], to: 12 });
});

test("G5 what neither has is a hole, said exactly, at the front, inside and at the end", async () => {
  const timeline = timelineOf({ tail: [8, 9], rows: [3, 4] });
  const page = await timeline.after(room, 0, 12, 100);
  expect(seqs(page.events)).toEqual([3, 4, 8, 9]);
  expect(page.holes).toEqual([
    { from: 1, to: 2 },
    { from: 5, to: 7 },
    { from: 10, to: 12 },
  ]);
});

test("G5 a full page speaks up to its last event only", async () => {
  const timeline = timelineOf({ tail: [8, 9], rows: [3, 4] });
  expect(await timeline.after(room, 0, 12, 2)).toMatchObject({ holes: [{ from: 1, to: 2 }], to: 4 });
});

test("G2 an event that is committed and leaves the tail between the reads is no hole", async () => {
  const tail = range(1, 20);
  const rows: number[] = [];
  const commit = () => {
    rows.push(...tail.splice(0, 3));
  };
  const timeline = timelineOf({ tail, rows, head: 20, between: commit });
  for (let since = 0; since < 20; since += 4) {
    const page = await timeline.after(room, since, 20, 4);
    expect(page).toMatchObject({ holes: [], to: since + 4 });
  }
});

test("G5 any split of a room between tail and rows gives the complete range, page by page", async () => {
  const split = fc.array(
    fc.record({ jump: fc.integer({ min: 1, max: 3 }), isRow: fc.boolean(), isTail: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(split, fc.integer({ min: 1, max: 7 }), fc.nat(20), async (steps, limit, since) => {
      const events = numbered(steps);
      const seq = events.at(-1)?.seq ?? 0;
      // An event is in the tail until it is committed, and may be in both.
      const tail = events.filter(({ isTail, isRow }) => isTail || !isRow).map((event) => event.seq);
      const rows = events.filter(({ isRow }) => isRow).map((event) => event.seq);
      const timeline = timelineOf({ tail, rows, head: seq });
      const found: number[] = [];
      const holes: number[] = [];
      for (let at = since; at < seq; ) {
        const page = await timeline.after(room, at, seq, limit);
        expect(page.to).toBeGreaterThan(at);
        found.push(...seqs(page.events));
        holes.push(...page.holes.flatMap(({ from, to }) => range(from, to)));
        at = page.to;
      }
      const all = seqs(events).filter((one) => one > since);
      expect(found).toEqual(all);
      expect(holes).toEqual(range(since + 1, seq).filter((one) => !all.includes(one)));
    }),
  );
});

test("G5 history is the newest events, from wherever, rising", async () => {
  const timeline = timelineOf({ tail: range(11, 20), rows: range(1, 14) });
  expect(seqs((await timeline.before(room, undefined, 5)).events)).toEqual(range(16, 20));
  expect(seqs((await timeline.before(room, 13, 5)).events)).toEqual(range(8, 12));
  expect(seqs((await timeline.before(room, 3, 5)).events)).toEqual([1, 2]);
  expect((await timeline.before(room, undefined, 5)).head).toMatchObject({ seq: 20 });
});

test("G5 history of a room that the log has forgotten comes from the store", async () => {
  const timeline = timelineOf({ tail: [], rows: range(1, 9), head: null });
  expect(await timeline.before(room, undefined, 3)).toMatchObject({
    head: null,
    events: range(7, 9).map((seq) => ({ seq })),
  });
});

test("G5 history finds what only the tail has below the jump of an epoch", async () => {
  const rows = range(1, 40);
  const tail = [...range(41, 70), ...range(1_000_071, 1_000_073)];
  const timeline = timelineOf({ tail, rows });
  expect(seqs((await timeline.before(room, undefined, 20)).events)).toEqual([
    ...range(54, 70),
    ...range(1_000_071, 1_000_073),
  ]);
});

test("G5 history page by page is the complete room", async () => {
  const split = fc.array(fc.record({ jump: fc.constantFrom(1, 1, 1, 50), isTail: fc.boolean() }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(split, fc.nat(40), fc.integer({ min: 1, max: 7 }), async (steps, committed, limit) => {
      const events = numbered(steps);
      const seq = events.at(-1)?.seq ?? 0;
      const rows = seqs(events.slice(0, committed));
      const tail = seqs(events.filter(({ isTail }, at) => isTail || at >= committed));
      const timeline = timelineOf({ tail, rows, head: seq });
      const found: number[] = [];
      for (let before: number | undefined; ; ) {
        const page = seqs((await timeline.before(room, before, limit)).events);
        if (page.length === 0) break;
        found.unshift(...page);
        before = page[0];
      }
      expect(found).toEqual(seqs(events));
    }),
  );
});
