import type { MessageList, RoomEvent } from "@hubbub/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Drawn, type Gap, KINDS, RoomModel } from "../test/room-model.ts";
import { Messages } from "./messages.ts";

const said = fc.record({ kind: fc.constantFrom(...KINDS), target: fc.nat(9), name: fc.nat(3), by: fc.nat(1) });
const number = fc.nat(40);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("say" as const), said }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("hear" as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hear again" as const), back: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("store" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("mark" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask" as const), from: number, length: number }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("load" as const), from: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), factor: fc.integer({ min: 1, max: 96 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("retain" as const), part: fc.integer({ min: 2, max: 4 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;

/** A client of a room: it hears the room from some place on, and its pages come in any order. */
class Reader {
  readonly messages = new Messages();
  readonly #heard: RoomEvent[] = [];
  #position: number;
  readonly #pages: MessageList[];
  readonly #room: RoomModel;

  /** The first page has everything that is not stored and will not be heard. */
  constructor(room: RoomModel, from: number) {
    this.#room = room;
    room.live = [];
    this.#position = room.events.at(-1)?.seq ?? 0;
    this.#pages = [room.page(Math.min(from, room.stored), room.events.length)];
  }

  take(one: Step): void {
    const room = this.#room;
    switch (one.do) {
      case "say":
        room.say(one.said);
        break;
      case "hear":
        for (const event of room.live.splice(0, one.count)) this.#hear(event);
        break;
      case "hear again": {
        const event = this.#heard.at(-1 - one.back);
        if (event !== undefined) this.messages.add(event);
        break;
      }
      case "store":
        room.stored = Math.min(room.stored + one.count, room.events.length);
        break;
      case "mark":
        this.#mark();
        break;
      case "ask":
        this.#pages.push(room.page(one.from, one.from + one.length));
        break;
      case "answer":
        for (const page of this.#pages.splice(one.which, 1)) this.messages.addPage(page);
        break;
      case "load":
        this.messages.addPage(room.page(one.from, room.events.length));
        break;
      case "lose":
        room.loseLog(
          (seq) => (seq * one.factor) % 97,
          (seq) => (seq * one.factor) % 3 > 0,
        );
        break;
      case "retain":
        this.messages.retain((seq) => seq % one.part > 0);
        break;
    }
  }

  finish(): void {
    for (const event of this.#room.live.splice(0)) this.#hear(event);
    for (const page of this.#pages.splice(0)) this.messages.addPage(page);
  }

  #hear(told: RoomEvent | Gap): void {
    if (told.type === "gap") {
      this.messages.lost({ from: this.#position + 1, to: told.to });
      this.#position = told.to;
      return;
    }
    this.#position = told.seq;
    this.#heard.push(told);
    this.messages.add(told);
  }

  /** A mark comes behind the events that it covers. */
  #mark(): void {
    const newest = this.#heard.at(-1);
    const { storedUpTo } = this.#room;
    if (newest !== undefined && newest.seq >= storedUpTo) this.messages.durable(storedUpTo, newest.epoch);
  }
}

test("G6 pages, live events, marks and lost logs in any order give the fold of what is left", () => {
  const plan = fc.record({
    before: fc.array(said, { maxLength: 12 }),
    stored: fc.nat(12),
    from: fc.nat(12),
    steps: fc.array(step, { maxLength: 60, size: "max" }),
  });
  fc.assert(
    fc.property(plan, ({ before, stored, from, steps }) => {
      const room = new RoomModel();
      for (const one of before as Drawn[]) room.say(one);
      room.stored = Math.min(stored, room.events.length);
      const reader = new Reader(room, from);
      for (const one of steps) reader.take(one);
      reader.finish();
      const expected = new Map(room.expected);
      const shown = () => reader.messages.all.map(({ event, state }) => [event.seq, state] as const);
      // A page that is older than a move may show a forgotten message at its lost seq, until a newer page comes.
      const isForgetful = steps.some((one) => one.do === "retain");
      const checked = shown().filter(([seq]) => expected.has(seq) || !isForgetful);
      for (const [seq, state] of checked) expect([seq, state]).toEqual([seq, expected.get(seq)]);
      reader.messages.addPage(room.page(0, room.events.length));
      expect(shown()).toEqual([...expected]);
    }),
    { numRuns: 800 },
  );
});
