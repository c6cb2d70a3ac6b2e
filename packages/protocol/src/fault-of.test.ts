import { expect, test } from "vitest";
import { faultOf } from "./fault-of.ts";
import { createRoomBody, historyQuery, listRoomsQuery, postMessageBody, signupBody } from "./http.ts";

test.each([
  [createRoomBody, { name: " ", visibility: "public" }, "name: must not be empty"],
  [createRoomBody, { name: "x".repeat(65), visibility: "public" }, "name: must have at most 64 characters"],
  [createRoomBody, { name: 7, visibility: "public" }, "name: must be a string"],
  [createRoomBody, { visibility: "public" }, "name: must be given, as a string"],
  [createRoomBody, { name: "x", visibility: "secret" }, 'visibility: must be "public" or "private"'],
  [createRoomBody, [], "must be an object"],
  [createRoomBody, { name: "x", visibility: "public", nmae: "y" }, '"nmae" is not known here'],
  [signupBody, { username: "ada", password: "long enough 7", email: "x" }, "email: must be an e-mail address"],
  [listRoomsQuery, { limit: "5" }, '"limit" is not known here'],
  [historyQuery, { limit: "many" }, "limit: must be 1 to 200"],
  [postMessageBody, { id: "a", text: "a\u0000b" }, "text: must not contain U+0000"],
  [postMessageBody, { id: "a", text: "a\ud800b" }, "text: must not contain lone surrogates"],
  [
    postMessageBody,
    { id: "a", text: "€😀".repeat(1_171) },
    "text: must be at most 8192 bytes as JSON; this has 8197 in 2342 characters",
  ],
])("a fault is told in words that name the field: %# %j", (schema, value, words) => {
  const { error } = schema.safeParse(value);
  expect(error === undefined ? "no fault" : faultOf(error)).toBe(words);
});
