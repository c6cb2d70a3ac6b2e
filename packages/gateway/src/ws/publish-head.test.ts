import { expect, test } from "vitest";
import { readPublishHead } from "./publish-head.ts";

const read = (text: string) => readPublishHead(new TextEncoder().encode(text).buffer);

test("the head of a publish is its ref and its round, wherever the round stands", () => {
  expect(read('{"type":"publish","ref":12,"room":"a","text":"ö"}')).toEqual({ ref: 12, round: undefined });
  expect(read('{"type":"publish","ref":12,"round":3,"text":"b"}')).toEqual({ ref: 12, round: 3 });
  expect(read('{"type":"publish","ref":12,"text":"b","round":4}')).toEqual({ ref: 12, round: 4 });
});

test("a text that looks like a round is none", () => {
  const text = JSON.stringify({ type: "publish", ref: 7, text: ',"round":9,', round: 2 });
  expect(read(text)).toEqual({ ref: 7, round: 2 });
  expect(read(JSON.stringify({ type: "publish", ref: 7, text: ',"round":9,' }))).toEqual({ ref: 7, round: undefined });
});

test.each([
  '{"type":"ping","ref":1}',
  '{"ref":1,"type":"publish","text":"a"}',
  '{ "type": "publish", "ref": 1, "text": "a" }',
  '{"type":"publish","ref":-1,"text":"a"}',
  '{"type":"publish","ref":1.5,"text":"a"}',
  '{"type":"publish","ref":1234567890123456,"text":"a"}',
  '{"type":"publish","ref":1,"round": 2,"text":"a"}',
  '{"type":"publish","ref":1,"round":"2","text":"a"}',
  '{"type":"publish","ref":1,"text":"round"}',
  '{"type":"publish","ref":1,"\\u0072ound":2,"text":"a"}',
  "",
])("%s has to be parsed", (text) => {
  expect(read(text)).toBeNull();
});
