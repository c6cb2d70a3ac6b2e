/**
 * Client frames made once and stamped with numbers. They are masked with the key 0, as the standard allows: the server
 * unmasks them like any other, and a number can be written into the bytes as it is.
 */
export interface FrameTemplate {
  /** A fresh frame with these numbers in its slots. */
  stamp(number: number, microseconds: number): Buffer;
}

/** Digits, so that every number has the same width; the first one is 1, so that it may stand bare in JSON. */
export const NUMBER_DIGITS = 10;
const FIRST_NUMBER = 1_000_000_000;
export const STAMP_DIGITS = 16;
/** Stand-ins to put into a payload where the numbers go. */
export const NUMBER_SLOT = "\u0001".repeat(NUMBER_DIGITS);
export const STAMP_SLOT = "\u0002".repeat(STAMP_DIGITS);
/** Where the payload of a stamped frame of 126 B or more begins, for those that send it without the frame. */
export const PAYLOAD_AT = 8;
const ZERO = 0x30;

export function createFrameTemplate(payload: string): FrameTemplate {
  const frame = clientFrame(payload);
  const numberSlots = slotsOf(frame, NUMBER_SLOT);
  const stampSlots = slotsOf(frame, STAMP_SLOT);
  return {
    stamp(number, microseconds) {
      const copy = Buffer.from(frame);
      for (const slot of numberSlots) writeDigits(copy, slot, NUMBER_DIGITS, FIRST_NUMBER + number);
      for (const slot of stampSlots) writeDigits(copy, slot, STAMP_DIGITS, microseconds);
      return copy;
    },
  };
}

/** One masked text frame of up to 65,535 bytes. */
export function clientFrame(payload: string): Buffer {
  const body = Buffer.from(payload);
  const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length]) : Buffer.from([0x81, 0xfe, 0, 0]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** The number that stands as digits at `at`, as it was given to `stamp`. */
export function readNumber(bytes: Buffer, at: number): number {
  return readDigits(bytes, at, NUMBER_DIGITS) - FIRST_NUMBER;
}

export function readDigits(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index++) value = value * 10 + (bytes[index] ?? ZERO) - ZERO;
  return value;
}

function writeDigits(bytes: Buffer, at: number, digits: number, number: number): void {
  let rest = Math.floor(number);
  for (let index = at + digits - 1; index >= at; index--) {
    bytes[index] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function slotsOf(frame: Buffer, slot: string): number[] {
  const found: number[] = [];
  for (let at = frame.indexOf(slot); at >= 0; at = frame.indexOf(slot, at + 1)) found.push(at);
  return found;
}
