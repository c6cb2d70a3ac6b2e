/** Controls (C0, DEL, C1) could drive the terminal; `Cf` has the bidi overrides and isolates that disguise a text. */
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
