import type { FrameListener } from "./raw-connection.ts";

const NEWLINE = 0x0a;

/** For servers that put several messages, each on a line, into one frame: calls the listener once for each line. */
export function byLine(listener: FrameListener): FrameListener {
  return (bytes, start, end) => {
    const frame = bytes.subarray(start, end);
    let from = 0;
    for (let at = frame.indexOf(NEWLINE); at >= 0; at = frame.indexOf(NEWLINE, from)) {
      if (at > from) listener(bytes, start + from, start + at);
      from = at + 1;
    }
    if (from < frame.length) listener(bytes, start + from, end);
  };
}
