const LINE_FEED = 0x0a;

/** Frames that travel together stand one a line: JSON has no line feed outside of its strings' escapes. */
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
