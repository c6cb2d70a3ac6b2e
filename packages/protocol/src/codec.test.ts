import fc from "fast-check";
import { expect, test } from "vitest";
import { clientFrame, decodeClientFrame } from "./codec.ts";
import { ERRORS, type ErrorCode, ProtocolError } from "./error-codes.ts";
import { newId } from "./ids.ts";
import { FRAME_MAX_BYTES, TEXT_MAX_BYTES } from "./limits.ts";
import { isTextWithin, textBytes } from "./text.ts";

const room = newId();
const publish = { type: "publish", ref: 1, room, id: "a-1", text: "hello" };

test("every client frame of the protocol is decoded", () => {
  const frames = [
    { type: "hello", ref: 1, token: "t" },
    { type: "subscribe", ref: 2, room },
    { type: "hello", ref: 1, token: "t", personal: true },
    { type: "subscribe", ref: 3, room, since: { seq: 7, epoch: 1 } },
    {
      type: "subscribe",
      ref: 3,
      mode: "head",
      rooms: [{ room }, { room: newId(), mode: "events", since: { seq: 7, epoch: 1 } }],
    },
    { type: "unsubscribe", ref: 4, room },
    { ...publish, replyTo: 3 },
    { type: "edit", ref: 5, room, id: "b", target: 1, text: "x" },
    { type: "delete", ref: 6, room, id: "c", target: 1 },
    { type: "react", ref: 7, room, id: "d", target: 1, emoji: "👍", remove: true },
    { type: "typing", room },
    { type: "read", room, seq: 9 },
    { type: "ping", ref: 8 },
    { type: "bye" },
  ];
  for (const frame of frames) expect(decodeClientFrame(JSON.stringify(frame))).toEqual({ ok: true, frame });
});

test.each([
  ["an unknown field", { ...publish, extra: 1 }, "bad_frame"],
  ["an unknown type", { type: "shout", ref: 1 }, "bad_frame"],
  ["a wrong type", { ...publish, text: 5 }, "bad_frame"],
  ["a missing field", { type: "publish", ref: 1, room, id: "a" }, "bad_frame"],
  ["an id outside its alphabet", { ...publish, id: "a b" }, "bad_frame"],
  ["an id of 65 characters", { ...publish, id: "a".repeat(65) }, "bad_frame"],
  ["a room that is no UUID", { ...publish, room: "lobby" }, "bad_frame"],
  ["U+0000", { ...publish, text: "a\u0000b" }, "bad_frame"],
  ["a byte order mark", { ...publish, text: "\ufeffa" }, "bad_frame"],
  ["a lone surrogate", { ...publish, text: "a\ud800b" }, "bad_frame"],
  ["a room and a list of rooms", { type: "subscribe", ref: 1, room, rooms: [{ room }] }, "bad_frame"],
  ["a room twice", { type: "subscribe", ref: 1, rooms: [{ room }, { room }] }, "bad_frame"],
  ["no room", { type: "subscribe", ref: 1, mode: "head" }, "bad_frame"],
  ["an empty text", { ...publish, text: "" }, "bad_frame"],
  ["a text over its limit", { ...publish, text: "x".repeat(TEXT_MAX_BYTES + 1) }, "too_large"],
  ["a text over its limit in bytes only", { ...publish, text: "é".repeat(TEXT_MAX_BYTES / 2 + 1) }, "too_large"],
])("%s is refused by its code, with the ref of the frame", (_what, frame, code) => {
  expect(decodeClientFrame(JSON.stringify(frame))).toMatchObject({ ok: false, code, ref: 1 });
});

test("G8 the fault of a frame with a thousand unknown keys fits on a line", () => {
  const keys = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, 1]));
  const decoded = decodeClientFrame(JSON.stringify({ type: "ping", ref: 1, ...keys }));
  expect(decoded).toMatchObject({ ok: false, code: "bad_frame", message: expect.stringMatching(/^.{1,200}…$/) });
});

test("a message that is not a JSON object is refused", () => {
  for (const text of ["", "{", "null", "[]", "7", '"hello"']) {
    expect(decodeClientFrame(text)).toMatchObject({ ok: false, code: "bad_frame" });
  }
  expect(decodeClientFrame("x".repeat(FRAME_MAX_BYTES + 1))).toMatchObject({ ok: false, code: "too_large" });
});

test("a frame that is too large keeps its ref if only short fields precede it", () => {
  const text = "x".repeat(FRAME_MAX_BYTES);
  const spelled = { ok: false, code: "too_large", ref: 7 };
  expect(decodeClientFrame(JSON.stringify({ type: "publish", ref: 7, room, id: "a", text }))).toMatchObject(spelled);
  expect(decodeClientFrame(JSON.stringify({ type: "publish", room, id: "a", ref: 7, text }))).toMatchObject(spelled);
  for (const hidden of [
    JSON.stringify({ text, ref: 7 }),
    JSON.stringify({ type: 'x","ref":7,"y":"', text }),
    JSON.stringify({ text: { ref: 7 }, other: text }),
    JSON.stringify({ ref: 2 ** 31, text }),
  ]) {
    expect(decodeClientFrame(hidden)).not.toHaveProperty("ref");
  }
});

test("a text is as long as its canonical JSON, and the frame bound fits every spelling of it", () => {
  expect(textBytes('a\n"é\u001b€😀')).toBe(1 + 2 + 2 + 2 + 6 + 3 + 4);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = [...text].flatMap((point) => point.split("")).length * 6;
      expect(escaped).toBeLessThanOrEqual(6 * textBytes(text));
      expect(isTextWithin(text, textBytes(text))).toBe(true);
      expect(isTextWithin(text, textBytes(text) - 1)).toBe(text.length * 6 <= textBytes(text) - 1);
    }),
  );
});

test("every retryable refusal carries a delay", () => {
  for (const [code, { retry }] of Object.entries(ERRORS)) {
    const { retryAfterMs } = new ProtocolError(code as ErrorCode);
    if (retry) expect(retryAfterMs, code).toBeGreaterThan(0);
    else expect(retryAfterMs, code).toBeUndefined();
  }
});

test("no input makes the decoder throw", () => {
  const almost = fc.record({
    type: fc.constantFrom("hello", "subscribe", "publish", "ping", "__proto__", "constructor"),
    ref: fc.anything(),
    room: fc.anything(),
    since: fc.anything(),
    text: fc.anything(),
  });
  fc.assert(fc.property(fc.string(), (text) => void decodeClientFrame(text)));
  fc.assert(
    fc.property(
      almost,
      (frame) =>
        void decodeClientFrame(
          JSON.stringify(frame, (_key, value) => (typeof value === "bigint" ? `${value}` : value)),
        ),
    ),
  );
});

test("the fast path for a publish agrees with its schema for any fields", () => {
  const or = <Value>(value: Value) => fc.option(fc.anything(), { nil: value });
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom("", "\u0000", "\ud800", "x".repeat(TEXT_MAX_BYTES), "é".repeat(TEXT_MAX_BYTES / 2 + 1)),
  );
  const frame = fc.record(
    {
      type: fc.constant("publish"),
      ref: fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1.5, 2 ** 31 - 1, 2 ** 31)),
      room: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>(room) }, or(room)),
      id: fc.oneof({ weight: 5, arbitrary: fc.string({ maxLength: 66 }) }, fc.constantFrom("a_b-1", "a".repeat(65))),
      text,
      round: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.anything()),
      replyTo: fc.integer({ min: -1, max: 3 }),
      other: fc.anything(),
    },
    { requiredKeys: ["type"] },
  );
  fc.assert(
    fc.property(frame, (drawn) => {
      const json = JSON.stringify(drawn, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
      const { success, data } = clientFrame.safeParse(JSON.parse(json));
      expect(decodeClientFrame(json)).toMatchObject(success ? { ok: true, frame: data } : { ok: false });
    }),
    { numRuns: 2_000 },
  );
});
