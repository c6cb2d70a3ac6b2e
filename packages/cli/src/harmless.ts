/**
 * Controls (C0, DEL, C1) could drive the terminal, and these of the format characters disguise a text: overrides and isolates of the
 * direction.
 */
const DANGEROUS = /[\p{Cc}\p{Zl}\p{Zp}]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const REPLACEMENT = "\ufffd";

/** Text of somebody else, safe to print on one line. */
export function harmlessLine(text: string): string {
  return text.replace(/\t/g, " ").replace(DANGEROUS, REPLACEMENT).toWellFormed();
}

/** The same for a text of several lines. */
export function harmlessLines(text: string): string[] {
  return text.split(/\r\n|\n|\u2028|\u2029/).map(harmlessLine);
}

/** JSON on one line: nothing is lost, but what could drive a terminal is written as `\uXXXX`. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(DANGEROUS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
