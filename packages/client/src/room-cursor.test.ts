import fc from "fast-check";
import { expect, test } from "vitest";
import { type Position, RoomCursor } from "./room-cursor.ts";

/** A server that replays from the cursor whenever the client finds a hole. */
function drive(cursor: RoomCursor, frames: readonly Position[], all: readonly Position[]): number[] {
  const given: number[] = [];
  const take = (event: Position): void => {
    const verdict = cursor.event(event);
    if (verdict === "deliver") given.push(event.seq);
    if (verdict === "hole")
      for (const missed of all.filter(({ seq }) => seq > (cursor.position?.seq ?? 0))) take(missed);
  };
  for (const frame of frames) take(frame);
  return given;
}

const history = (length: number): Position[] => Array.from({ length }, (_, index) => ({ seq: index + 1, epoch: 1 }));

test("G1 G3 each event comes once and in order, whatever is repeated, replayed, reordered or left out", () => {
  const scenario = fc
    .integer({ min: 1, max: 30 })
    .chain((length) =>
      fc.tuple(fc.constant(history(length)), fc.array(fc.nat({ max: length - 1 }), { maxLength: 120 })),
    );
  fc.assert(
    fc.property(scenario, ([all, picks]) => {
      const cursor = new RoomCursor({ seq: 0, epoch: 1 });
      const frames = picks.flatMap((index) => all[index] ?? []);
      const given = drive(cursor, frames, all);
      expect(given).toEqual(history(given.length).map(({ seq }) => seq));
      const highest = Math.max(0, ...frames.map(({ seq }) => seq));
      expect(given.length).toBeGreaterThanOrEqual(highest);
    }),
  );
});

test("G5 an announced gap moves the cursor, an unannounced one is a hole", () => {
  const cursor = new RoomCursor({ seq: 5, epoch: 1 });
  expect(cursor.event({ seq: 9, epoch: 1 })).toBe("hole");
  expect(cursor.gap({ from: 6, to: 8 })).toBe("deliver");
  expect(cursor.gap({ from: 6, to: 8 })).toBe("duplicate");
  expect(cursor.event({ seq: 9, epoch: 1 })).toBe("deliver");
  expect(cursor.gap({ from: 12, to: 13 })).toBe("hole");
  expect(cursor.position).toEqual({ seq: 9, epoch: 1 });
});

test("a cursor without a since starts at the head of the room", () => {
  const cursor = new RoomCursor();
  expect(cursor.subscribed(41, 3).verdict).toBe("deliver");
  expect(cursor.event({ seq: 41, epoch: 3 })).toBe("duplicate");
  expect(cursor.event({ seq: 42, epoch: 3 })).toBe("deliver");
});

test("G7 a replay that ends below the head was not complete", () => {
  const cursor = new RoomCursor({ seq: 5, epoch: 1 });
  cursor.event({ seq: 6, epoch: 1 });
  expect(cursor.subscribed(8, 1).verdict).toBe("hole");
  expect(cursor.position).toEqual({ seq: 6, epoch: 1 });
});

test.each([
  ["higher", 3],
  ["lower", 1],
])("G6 a %s epoch above what the user has is taken over, for after a restore epochs may fall", (_name, epoch) => {
  const cursor = new RoomCursor({ seq: 5, epoch: 2 });
  expect(cursor.epoch(2, 5).isNew).toBe(false);
  expect(cursor.epoch(epoch, 100)).toEqual({ isNew: true, lost: undefined });
  expect(cursor.position).toEqual({ seq: 5, epoch });
  cursor.gap({ from: 6, to: 100 });
  expect(cursor.event({ seq: 101, epoch })).toBe("deliver");
  expect(cursor.position).toEqual({ seq: 101, epoch });
});

test.each([
  ["a lower", 2],
  ["a higher", 9],
])("G6 an older state was restored: %s epoch below what the user has takes the cursor back", (_name, epoch) => {
  const cursor = new RoomCursor({ seq: 21, epoch: 5 });
  expect(cursor.epoch(epoch, 11)).toEqual({ isNew: true, lost: { from: 12, to: 21 } });
  expect(cursor.position).toEqual({ seq: 11, epoch });
  expect(cursor.event({ seq: 12, epoch })).toBe("deliver");
});

test("G6 an equal epoch with a lower head is another numbering: the cursor moves back", () => {
  const cursor = new RoomCursor({ seq: 21, epoch: 1 });
  expect(cursor.subscribed(11, 1)).toEqual({ verdict: "deliver", lost: { from: 12, to: 21 } });
  expect(cursor.event({ seq: 12, epoch: 1 })).toBe("deliver");
});
