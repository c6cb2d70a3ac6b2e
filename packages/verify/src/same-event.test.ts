import { newId, type RoomEvent } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { differenceOf, readFrame } from "./same-event.ts";

const by = { id: newId(), username: "ada" };
const head = { type: "event", room: newId(), epoch: 1, seq: 7, at: 1_700_000_000_000, by, id: "an-id" };
const event = (fields: object): RoomEvent => {
  const read = readFrame(JSON.stringify({ ...head, ...fields }));
  if (read === null) throw new Error("not an event");
  return read;
};
const message = event({ kind: "message", text: "tea?", replyTo: 3 });

test("an event is its row, whatever the order of its fields and the present name of its author", () => {
  const renamed = event({ replyTo: 3, text: "tea?", kind: "message", by: { ...by, username: "unknown" } });
  expect(differenceOf(message, renamed)).toBeNull();
});

test("half of a surrogate pair, which Postgres does not keep, is no difference", () => {
  expect(
    differenceOf(event({ kind: "message", text: "a\ud800" }), event({ kind: "message", text: "a\ufffd" })),
  ).toBeNull();
});

test("a tombstone stands for what could not be stored", () => {
  expect(differenceOf(message, event({ kind: "tombstone", id: "lost-7" }))).toBeNull();
});

test("records without rows are those of an erased user; other rows are a difference", () => {
  const data = event({ kind: "data", rows: [{ note: "tea" }], from: 3 });
  expect(differenceOf(data, event({ kind: "data", rows: [], from: 3 }))).toBeNull();
  expect(differenceOf(data, event({ kind: "data", rows: [{ note: "coffee" }], from: 3 }))).toBe("rows");
  expect(differenceOf(data, event({ kind: "data", rows: [], from: 4 }))).toBe("from");
});

test.each([
  ["id", { id: "another" }],
  ["author", { by: { id: newId(), username: "ada" } }],
  ["epoch", { epoch: 2 }],
  ["at", { at: 1_700_000_000_001 }],
  ["kind", { kind: "delete" }],
  ["text", { text: "coffee?" }],
  ["replyTo", { replyTo: 4 }],
  ["target", { target: 4 }],
])("another %s is a difference", (name, other) => {
  expect(differenceOf(message, event({ kind: "message", text: "tea?", replyTo: 3, ...other }))).toBe(name);
});

test.each([
  "",
  "[]",
  "null",
  "{",
  JSON.stringify({ ...head, room: "lobby" }),
  JSON.stringify({ ...head, by: { id: 1 } }),
])("%s is no event that Postgres can be asked for", (frame) => {
  expect(readFrame(frame)).toBeNull();
});
