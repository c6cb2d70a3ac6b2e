import stringWidth from "string-width";

export const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns a harmless text takes in a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The beginning of a text that fits, with an ellipsis where something was cut. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const { segment } of graphemes.segment(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

export function columnsOf(grapheme: string): number {
  return stringWidth(grapheme);
}
