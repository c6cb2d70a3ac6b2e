import { NUMBER_DIGITS, NUMBER_SLOT, readDigits, readNumber, STAMP_DIGITS, STAMP_SLOT } from "./frame-template.ts";

/**
 * The text of every message of the bench: `@@<sender>:<number>:<microseconds>:` and filler up to the wanted length.
 * It goes through each contender untouched and tells the receiver what it needs to check order, loss and delay.
 */
const MARK = "@@";
const SENDER_DIGITS = 4;
const NUMBER_AT = MARK.length + SENDER_DIGITS + 1;
const STAMP_AT = NUMBER_AT + NUMBER_DIGITS + 1;

export function messageText(sender: number, bytes: number): string {
  const head = `${MARK}${String(sender).padStart(SENDER_DIGITS, "0")}:${NUMBER_SLOT}:${STAMP_SLOT}:`;
  return head.padEnd(bytes, "the quick brown fox jumps over the lazy dog ");
}

export interface TextHead {
  readonly sender: number;
  readonly number: number;
  readonly microseconds: number;
}

/** Null for a frame without such a text. */
export function readTextHead(bytes: Buffer, start: number, end: number): TextHead | null {
  const at = bytes.indexOf(MARK, start);
  if (at < 0 || at >= end) return null;
  return {
    sender: readDigits(bytes, at + MARK.length, SENDER_DIGITS),
    number: readNumber(bytes, at + NUMBER_AT),
    microseconds: readDigits(bytes, at + STAMP_AT, STAMP_DIGITS),
  };
}
