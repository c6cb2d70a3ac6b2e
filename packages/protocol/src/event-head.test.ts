import fc from "fast-check";
import { expect, test } from "vitest";
import { event } from "./event.ts";
import {
  encodeDurable,
  encodeEventBody,
  encodeEventHead,
  encodeMessageBody,
  isEventFrame,
  peekDurable,
  peekEventHead,
  readAuthorship,
  readEventHead,
} from "./event-head.ts";
import { type EventId, newId, type RoomId, type UserId } from "./ids.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const body = (text: string): string =>
  encodeEventBody({
    by: { id: newId<UserId>(), username: "ada" },
    kind: "message",
    id: "first" as EventId,
    text,
  });

test("a head and a body make the JSON of an event, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), (text, seq) => {
      const frame = JSON.parse(encodeEventHead(newId<RoomId>(), 1, seq, 1_700_000_000_000) + body(text));
      expect(event.parse(frame)).toMatchObject({ seq, text });
    }),
  );
});

test("a message body is encoded like any other body", () => {
  const by = { id: newId<UserId>(), username: 'a"b' };
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.option(fc.nat(), { nil: undefined }), (text, replyTo) => {
      const reply = replyTo === undefined ? {} : { replyTo };
      const id = "x-1" as EventId;
      expect(encodeMessageBody(JSON.stringify(by), id, text, replyTo)).toBe(
        encodeEventBody({ by, kind: "message", id, text, ...reply }),
      );
    }),
  );
});

test("epoch and seq are read from the bytes without parsing, up to the largest safe integer", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (epoch, seq) => {
      const frame = bytes(encodeEventHead(newId<RoomId>(), epoch, seq, 0) + body("x"));
      expect(isEventFrame(frame)).toBe(true);
      expect(peekEventHead(frame)).toEqual({ epoch, seq });
    }),
  );
});

test("marks, signals and error frames are not mistaken for events", () => {
  for (const type of ["durable", "signal", "error", "epoch", "removed"]) {
    expect(isEventFrame(bytes(`{"type":"${type}"}`))).toBe(false);
  }
});

test("the seq of a durable mark is read from its bytes, and is 0 for any other frame", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (seq) => {
      const text = encodeDurable(newId<RoomId>(), seq);
      expect(JSON.parse(text)).toMatchObject({ type: "durable", seq });
      expect(peekDurable(bytes(text))).toBe(seq);
    }),
  );
  expect(peekDurable(bytes(encodeEventHead(newId<RoomId>(), 1, 2, 3) + body("x")))).toBe(0);
});

test("head and authorship are read from text, whatever follows them", () => {
  const [room, user] = [newId<RoomId>(), newId<UserId>()];
  const head = encodeEventHead(room, 2, 7, 1_700_000_000_000);
  const start = `,"by":{"id":"${user}","username":"ada"},"kind":"message","id":"first"`;
  expect(readEventHead(`${head},nonsense`)).toEqual({ room, epoch: 2, seq: 7, at: 1_700_000_000_000 });
  expect(readAuthorship(`${head}${start},nonsense`)).toEqual({ user, id: "first" });
  expect(readAuthorship(`${head},nonsense${start}`)).toBeNull();
  expect([readEventHead("nonsense"), readAuthorship(`nonsense${start}`)]).toEqual([null, null]);
});
