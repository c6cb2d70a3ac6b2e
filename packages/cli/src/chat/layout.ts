import { harmlessLine } from "../harmless.ts";
import { columnsOf, graphemes } from "../width.ts";
import { LINE_BREAK } from "./line-editor.ts";

/** Rows as they are drawn, each narrower than the terminal, so that none is broken by it. */
export interface Layout {
  readonly rows: readonly string[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

export interface Line {
  readonly prompt: string;
  readonly text: string;
  /** Index into `text`. */
  readonly cursor: number;
}

/** Prompt and line in as many rows as they need, at most `rowsMax`: then those around the cursor. */
export function layOut(line: Line, columns: number, rowsMax: number): Layout {
  const { shown, cursor } = windowOf(line, columns * rowsMax);
  const rows: string[] = [];
  let row = "";
  let width = 0;
  let index = 0;
  let place: { row: number; column: number } | undefined;
  for (const { segment } of graphemes.segment(shown)) {
    const wide = columnsOf(segment);
    if (width + wide > columns - 1) {
      rows.push(row);
      row = "";
      width = 0;
    }
    if (index >= cursor) place ??= { row: rows.length, column: width };
    row += segment;
    width += wide;
    index += segment.length;
  }
  rows.push(row);
  place ??= { row: rows.length - 1, column: width };
  const from = Math.max(0, Math.min(place.row - Math.floor(rowsMax / 2), rows.length - rowsMax));
  return { rows: rows.slice(from, from + rowsMax), cursorRow: place.row - from, cursorColumn: place.column };
}

/** The part that can be seen: what is far from the cursor costs nothing. */
function windowOf({ prompt, text, cursor }: Line, reach: number): { shown: string; cursor: number } {
  const from = cursor > reach ? cursor - reach : 0;
  const part = harmlessLine(text.slice(from, cursor + reach).replaceAll(LINE_BREAK, "⏎"));
  return { shown: (from === 0 ? prompt : "…") + part, cursor: (from === 0 ? prompt.length : 1) + cursor - from };
}
