/** The longest spelling of one UTF-16 unit in canonical JSON: a control character as \u00XX. */
const UNIT_MAX_BYTES = 6;
const QUOTES = 2;
const utf8 = new TextEncoder();

/** Bytes of a text in UTF-8 as `JSON.stringify` spells it, without its quotes. */
export function textBytes(text: string): number {
  return utf8.encode(JSON.stringify(text)).length - QUOTES;
}

/** Whether a text has at most `most` bytes, see `textBytes`. A short text is not looked at. */
export function isTextWithin(text: string, most: number): boolean {
  return text.length * UNIT_MAX_BYTES <= most || textBytes(text) <= most;
}

/** Whether every part of the path can hold this text: Postgres has no U+0000, UTF-8 no lone surrogate, PGlite drops a byte order mark at the front. */
export function isStorable(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed() && !text.startsWith("\ufeff");
}

/**
 * Controls (C0, DEL, C1) could drive the terminal, and these of the format characters disguise a text: overrides and isolates of the
 * direction.
 */
export const TERMINAL_CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** JSON on one line: nothing is lost, but what could drive a terminal is written as `\uXXXX`. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(
    TERMINAL_CONTROLS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
