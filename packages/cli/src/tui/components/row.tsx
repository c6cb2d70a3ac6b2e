import { Text } from "ink";
import { type Colors, meaningCode, nameCode } from "../../colors.ts";
import { harmlessLine } from "../../harmless.ts";
import type { Row, Span, Style } from "../model/spans.ts";

const OFF = "\u001b[0m";

/** One row of the terminal, as wide as it is. Without colours weight and slant are left. */
export function RowText({ row, colors }: { readonly row: Row; readonly colors: Colors }) {
  return <Text wrap="truncate">{row.length === 0 ? " " : row.map((span) => painted(span, colors)).join("")}</Text>;
}

/** The codes are written here: what Ink finds out about the terminal would change them. */
export function painted({ text, style = {}, link }: Span, colors: Colors): string {
  const codes = codesOf(style, colors);
  const shown = link === undefined ? text : linked(text, link);
  return codes.length === 0 ? shown : `\u001b[${codes.join(";")}m${shown}${OFF}`;
}

function codesOf(
  { color, nameOf, bold, dim, italic, underline, inverse, strikethrough }: Style,
  colors: Colors,
): string[] {
  const codes = [
    [bold, "1"],
    [dim, "2"],
    [italic, "3"],
    [underline, "4"],
    [inverse, "7"],
    [strikethrough, "9"],
    [color !== undefined && colors !== "none", color === undefined ? "" : meaningCode(color, colors)],
    [nameOf !== undefined && colors !== "none", nameCode(nameOf ?? "", colors)],
  ] as const;
  return codes.flatMap(([isOn, code]) => (isOn === true ? [code] : []));
}

/** A hyperlink of OSC 8. Terminals that do not know it show the text. */
function linked(text: string, link: string): string {
  return `\u001b]8;;${harmlessLine(link)}\u0007${text}\u001b]8;;\u0007`;
}
