import { TERMINAL_CONTROLS } from "@hubbub/protocol";

const REPLACEMENT = "\ufffd";

/** Text of somebody else, safe to print on one line. */
export function harmlessLine(text: string): string {
  return text.replace(/\t/g, " ").replace(TERMINAL_CONTROLS, REPLACEMENT).toWellFormed();
}

/** The same for a text of several lines. */
export function harmlessLines(text: string): string[] {
  return text.split(/\r\n|\n|\u2028|\u2029/).map(harmlessLine);
}
