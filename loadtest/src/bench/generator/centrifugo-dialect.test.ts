import { expect, test } from "vitest";
import { centrifugoDialect, channelOf, offsetOf } from "./centrifugo-dialect.ts";
import { PAYLOAD_AT } from "./frame-template.ts";

const CHANNEL = channelOf(17);
const INFO = '"info":{"user":"u1","client":"c1"}';
const PUSH = `{"push":{"channel":"${CHANNEL}","pub":{"data":{"text":"x"},${INFO},"offset":12}}}`;

/** Behind other bytes, as frames lie in a read buffer. */
function placed(text: string): { bytes: Buffer; start: number; end: number } {
  const bytes = Buffer.from(`front${text}behind`);
  return { bytes, start: 5, end: 5 + text.length };
}

test.each([
  [PUSH, "event"],
  [`{"push":{"channel":"${CHANNEL}","unsubscribe":{"code":2500}}}`, "other"],
  ['{"id":1000000007,"publish":{}}', "ack"],
  ['{"id":1000000007,"error":{"code":102,"message":"unknown channel"}}', "error"],
  ["{}", "other"],
] as const)("%s is read as %s", (text, kind) => {
  const { bytes, start } = placed(text);
  expect(centrifugoDialect.kindOf(bytes, start)).toBe(kind);
});

test("an answer has the number of its message, a publication its offset with or without an epoch behind it", () => {
  const message = centrifugoDialect.publishTemplate(CHANNEL, 3, 100).stamp(7, 1).subarray(PAYLOAD_AT).toString();
  const { id } = JSON.parse(message) as { id: number };
  const { bytes, start } = placed(`{"id":${id},"publish":{}}`);
  expect(centrifugoDialect.ackedNumber(bytes, start)).toBe(7);
  expect(offsetOf(PUSH)).toBe(12);
  expect(offsetOf(PUSH.replace('"offset":12', '"offset":1,"epoch":"Oxrp"'))).toBe(1);
});

test("an empty message is answered, for it is a ping", () => {
  const ping = placed("{}");
  expect(centrifugoDialect.answerTo(ping.bytes, ping.start, ping.end)?.subarray(-2).toString()).toBe("{}");
  const push = placed(PUSH);
  expect(centrifugoDialect.answerTo(push.bytes, push.start, push.end)).toBeNull();
});
