import fc from "fast-check";
import { expect, test } from "vitest";
import { event } from "./event.ts";
import { encodeEventBody, encodeEventHead, encodeMessageBody, isEventFrame, peekEventHead } from "./event-head.ts";
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

test("a message's body is written as any other body", () => {
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

test("marks, signals and error frames are not taken for events", () => {
  for (const type of ["durable", "signal", "error", "epoch", "removed"]) {
    expect(isEventFrame(bytes(`{"type":"${type}"}`))).toBe(false);
  }
});
