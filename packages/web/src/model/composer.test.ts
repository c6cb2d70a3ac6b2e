import type { Room, RoomEvent, UserId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import {
  actOfKey,
  type Box,
  countdownOf,
  type KeyPress,
  lastOwn,
  slowModeAfter,
  slowModeIn,
  slowModeOf,
} from "./composer.ts";
import { EMPTY, withEvent } from "./timeline.ts";

const box = (fields: Partial<Box> = {}): Box => ({
  text: "hi",
  subject: "none",
  hasCandidates: false,
  entersToSend: true,
  ...fields,
});
const press = (key: string, fields: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isComposing: false,
  keyCode: 0,
  ...fields,
});
const SHIFT = { shiftKey: true };
const CTRL = { ctrlKey: true };

test.each([
  ["Enter", {}, {}, "send"],
  ["Enter", SHIFT, {}, "none"],
  ["Enter", { altKey: true }, {}, "none"],
  ["Enter", { isComposing: true }, {}, "none"],
  ["Enter", { keyCode: 229 }, {}, "none"],
  ["Enter", {}, { entersToSend: false }, "none"],
  ["Enter", CTRL, { entersToSend: false }, "send"],
  ["Enter", {}, { hasCandidates: true }, "take-candidate"],
  ["Enter", SHIFT, { hasCandidates: true }, "none"],
  ["Enter", CTRL, { hasCandidates: true }, "send"],
  ["Tab", {}, { hasCandidates: true }, "take-candidate"],
  ["Tab", {}, {}, "none"],
  ["ArrowDown", {}, { hasCandidates: true }, "next-candidate"],
  ["ArrowUp", {}, { hasCandidates: true, text: "" }, "previous-candidate"],
  ["ArrowUp", {}, { text: "" }, "edit-last"],
  ["ArrowUp", SHIFT, { text: "" }, "none"],
  ["ArrowUp", {}, {}, "none"],
  ["ArrowUp", {}, { text: "", subject: "reply" }, "none"],
  ["Escape", {}, { subject: "edit" }, "cancel"],
  ["Escape", {}, { subject: "reply", hasCandidates: true }, "close-candidates"],
  ["Escape", {}, {}, "none"],
  ["a", {}, { hasCandidates: true }, "none"],
] as const)("%s with %j in a box with %j: %s", (key, keys, fields, expected) => {
  expect(actOfKey(press(key, keys), box(fields))).toBe(expected);
});

test("the last own message with a text that is not deleted is edited", () => {
  const said = (seq: number, by: string, text = "x", thread?: number): RoomEvent =>
    ({
      type: "event",
      thread,
      kind: "message",
      room: "r",
      epoch: 1,
      seq,
      at: seq,
      id: `m${seq}`,
      text,
      by: { id: by },
    }) as never;
  const { items } = [said(1, "me"), said(2, "me", ""), said(3, "ada"), said(4, "me", "x", 3)].reduce(withEvent, EMPTY);
  expect(lastOwn(items, "me" as UserId)?.seq).toBe(1);
  const [first] = items;
  if (first?.kind !== "message") expect.fail();
  expect(lastOwn([{ ...first, state: { ...first.state, isDeleted: true } }], "me" as UserId)).toBeUndefined();
});

test("slow mode counts down for those whom it holds, and what the server says wins", () => {
  const room = (role: string | null, slowModeSeconds?: number): Room =>
    ({ role, settings: { slowModeSeconds } }) as never;
  expect(slowModeOf(room("member", 90), 1_000)).toEqual({ until: 91_000 });
  expect(
    [room("moderator", 90), room("owner", 90), room(null, 90), room("member")].map((one) => slowModeOf(one, 1_000)),
  ).toEqual(Array.from({ length: 4 }, () => undefined));
  expect(slowModeOf(room("member", 90), undefined)).toBeUndefined();
  const slow = slowModeAfter(61_500, 0);
  expect(countdownOf(slow, 0)).toEqual({ text: "Slow mode: 1:02", nextInMs: 500 });
  expect(countdownOf(slow, 60_500)).toEqual({ text: "Slow mode: 0:01", nextInMs: 1_000 });
  expect(countdownOf(slow, 61_500)).toEqual({ text: "", nextInMs: undefined });
  expect(countdownOf(undefined, 5)).toEqual({ text: "", nextInMs: undefined });
});

test("nobody waits longer than the room is slow by now", () => {
  const room = (role: string, slowModeSeconds?: number): Room => ({ role, settings: { slowModeSeconds } }) as never;
  const slow = { until: 60_000 };
  expect(slowModeIn(room("member", 300), slow, 1_000)).toEqual(slow);
  expect(slowModeIn(room("member", 10), slow, 1_000)).toEqual({ until: 11_000 });
  expect(slowModeIn(room("member"), slow, 1_000)).toBeUndefined();
  expect(slowModeIn(room("moderator", 300), slow, 1_000)).toBeUndefined();
  expect(slowModeIn(room("member", 300), undefined, 1_000)).toBeUndefined();
});
