import { Text } from "ink";
import { harmlessLine } from "../../harmless.ts";
import type { Row, Span } from "../model/spans.ts";

/** One row of the terminal, as wide as it is. `isColored`: false leaves weight and slant only. */
export function RowText({ row, isColored }: { readonly row: Row; readonly isColored: boolean }) {
  if (row.length === 0) return <Text> </Text>;
  return (
    <Text wrap="truncate">
      {row.map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is drawn anew as a whole.
        <Text key={index} {...styleOf(span, isColored)}>
          {linked(span)}
        </Text>
      ))}
    </Text>
  );
}

function styleOf({ style = {} }: Span, isColored: boolean) {
  const { color, ...plain } = style;
  return isColored && color !== undefined ? { ...plain, color } : plain;
}

/** A hyperlink of OSC 8. Terminals that do not know it show the text. */
function linked({ text, link }: Span): string {
  return link === undefined ? text : `\u001b]8;;${harmlessLine(link)}\u0007${text}\u001b]8;;\u0007`;
}
