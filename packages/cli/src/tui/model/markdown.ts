import { harmlessLine } from "../../harmless.ts";
import type { Span, Style } from "./spans.ts";

/** The small half of Markdown that a terminal can show: bold, italic, struck out, code and blocks of code. */

const CODE: Style = { color: "notice" };
const FENCE = /^\s{0,3}```/;
/** One alternative for each mark. None can match across another of its kind, so the time is linear in the text. */
const MARKS =
  /`([^`\n]+)`|\*\*(?=\S)([^*\n]+)(?<=\S)\*\*|~~(?=\S)([^~\n]+)(?<=\S)~~|(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?!\w)|(?<!\w)_(?=\S)([^_\n]+)(?<=\S)_(?!\w)/g;
const STYLES: readonly Style[] = [CODE, { bold: true }, { strikethrough: true }, { italic: true }, { italic: true }];
/** A longer line is shown as it was typed. */
const LINE_MAX = 8_192;
const MENTION = /(?<![\w@./-])(@[A-Za-z0-9][\w.-]{0,30}\w)/g;

/** A line of spans for each line of the text, harmless. `isMentioned`: names after an `@` that stand out. */
export function markdownLines(text: string, isMentioned: (name: string) => boolean): Span[][] {
  let isCode = false;
  return text.split(/\r\n|[\n\u2028\u2029]/).map((raw) => {
    const line = harmlessLine(raw);
    if (FENCE.test(line)) {
      isCode = !isCode;
      return [{ text: line, style: { dim: true } }];
    }
    if (isCode) return [{ text: line, style: CODE }];
    return line.length > LINE_MAX ? [{ text: line }] : inline(line, isMentioned);
  });
}

function inline(line: string, isMentioned: (name: string) => boolean): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of line.matchAll(MARKS)) {
    spans.push(...mentions(line.slice(at, match.index), isMentioned));
    const group = match.slice(1).findIndex((part) => part !== undefined);
    spans.push({ text: match[group + 1] ?? "", style: STYLES[group] });
    at = match.index + match[0].length;
  }
  spans.push(...mentions(line.slice(at), isMentioned));
  return spans;
}

function mentions(text: string, isMentioned: (name: string) => boolean): Span[] {
  return text.split(MENTION).flatMap((part, index) => {
    if (part === "") return [];
    const isName = index % 2 === 1 && isMentioned(part.slice(1).toLowerCase());
    return [isName ? { text: part, style: { bold: true, color: "accent" } } : { text: part }];
  });
}
