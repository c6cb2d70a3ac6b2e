import type { RoomEvent } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { BOB, LOBBY } from "../../test/fake-hub.ts";
import { actionOf, answerId } from "./answer.ts";

const EVENT = {
  type: "event",
  room: LOBBY.id,
  epoch: 1,
  seq: 7,
  at: 0,
  by: BOB,
  kind: "message",
  id: "e",
  text: "tea?",
} as RoomEvent;
const IN_THREAD = { ...EVENT, thread: 3 } as RoomEvent;

test.each([
  ["just a text", { kind: "publish", text: "just a text", options: {} }],
  ["{no JSON", { kind: "publish", text: "{no JSON", options: {} }],
  ['{"text":"yes","replyTo":7}', { kind: "publish", text: "yes", options: { replyTo: 7 } }],
  [
    '{"text":"yes","thread":7,"broadcast":true}',
    { kind: "publish", text: "yes", options: { thread: 7, broadcast: true } },
  ],
  ['{"react":"👍"}', { kind: "react", target: 7, emoji: "👍", options: {} }],
  ['{"react":"👍","target":2,"remove":true}', { kind: "react", target: 2, emoji: "👍", options: { remove: true } }],
  ['{"text":"yes","colour":"red"}', { kind: "wrong", why: "there is no field colour" }],
  ['{"text":"yes","replyTo":"7"}', { kind: "wrong", why: expect.stringContaining("number of a message") }],
  ["{}", { kind: "wrong", why: "it needs text, or react" }],
])("the line %s means %j", (line, action) => {
  expect(actionOf(line, EVENT)).toEqual(action);
});

test("what is said in a thread is answered there, and a reaction to a change goes to the message that changed", () => {
  expect(actionOf("yes", IN_THREAD)).toMatchObject({ options: { thread: 3 } });
  const edit = { ...EVENT, kind: "edit", target: 5 } as RoomEvent;
  expect(actionOf('{"react":"👀"}', edit)).toMatchObject({ target: 5 });
});

test("the id of an answer is that of the same line to the same event of the same author, and of no other", () => {
  const id = answerId("echo", EVENT, 0);
  expect(id).toMatch(/^[\w-]{43}$/);
  expect(answerId("echo", { ...EVENT, epoch: 2, seq: 1_000_007 }, 0)).toBe(id);
  const other = { ...EVENT, by: { ...BOB, id: "01920000-0000-7000-8000-00000000000c" } } as RoomEvent;
  const others = [answerId("echo", EVENT, 1), answerId("bot", EVENT, 0), answerId("echo", other, 0)];
  expect(new Set([id, ...others]).size).toBe(4);
});
