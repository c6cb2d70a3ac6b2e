import { type EventId, newId, type UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { newRoom } from "../../test/fixture.ts";
import { type UndurableEvent, UndurableEvents } from "./undurable-events.ts";

const room = newRoom();
const request = { room, user: newId<UserId>(), id: newId<EventId>(), body: "}" };
const seen = { epoch: 1, highest: 9 };
const headWith = (durable: number) => ({ epoch: 1, seq: 9, durable });

/** Counts how often the events are looked at. */
function keep(seqs: readonly number[]) {
  const undurable = new UndurableEvents();
  const looks = { count: 0 };
  for (const seq of seqs) {
    const event = {
      ...{ request, bytes: 1 },
      get seq() {
        looks.count += 1;
        return seq;
      },
    };
    undurable.keep(event as UndurableEvent, 1);
  }
  looks.count = 0;
  return { undurable, looks };
}

test("while nothing more is stored, no kept event is looked at", () => {
  const { undurable, looks } = keep([7, 8, 9]);
  undurable.compare(room, headWith(6), seen);
  expect(looks.count).toBe(0);
  undurable.compare(room, headWith(7), seen);
  expect(undurable.events).toBe(2);
  looks.count = 0;
  undurable.compare(room, headWith(7), seen);
  expect(looks.count).toBe(0);
});

test("G2 an event that was found at a lower seq than those kept before it is let go with its own mark", () => {
  const { undurable } = keep([7, 8, 3]);
  undurable.compare(room, headWith(3), seen);
  expect(undurable.of(room).map(({ seq }) => seq)).toEqual([7, 8]);
});

test("G2 events that have other seqs in the new epoch are let go with the marks of that epoch", () => {
  const undurable = new UndurableEvents();
  const event = { request, bytes: 1, seq: 7 };
  undurable.keep(event, 1);
  event.seq = 5;
  undurable.restarted(room, 2);
  undurable.compare(room, { epoch: 2, seq: 9, durable: 5 }, { epoch: 2, highest: 5 });
  expect(undurable.events).toBe(0);
});
