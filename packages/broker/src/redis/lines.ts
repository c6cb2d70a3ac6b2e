const LINE_FEED = 0x0a;

/** Splits frames that were sent together, one per line. JSON text contains no line feed: in strings it is escaped. */
export function linesOf(text: Buffer): readonly Buffer[] {
  let end = text.indexOf(LINE_FEED);
  if (end < 0) return [text];
  const lines: Buffer[] = [];
  let start = 0;
  for (; end >= 0; end = text.indexOf(LINE_FEED, start)) {
    lines.push(text.subarray(start, end));
    start = end + 1;
  }
  lines.push(text.subarray(start));
  return lines;
}
