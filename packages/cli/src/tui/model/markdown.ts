import { harmlessLine } from "../../harmless.ts";
import { DIM, type Span, type Style, styled } from "./spans.ts";

/** The small half of Markdown that a terminal can show: links, bold, italic, struck out, quotes, code and blocks of code. */

const CODE: Style = { color: "notice" };
const FENCE = /^\s{0,3}```/;
const QUOTE = /^\s{0,3}>/;
/** Code stands apart from text without colours, too. */
const CODE_INDENT = "  ";
const TAB = "    ";
/** Terminals refuse longer ones. */
const LINK_MAX = 2_048;
/** One alternative for each mark. None can match across another of its kind, so the time is linear in the text. */
const MARKS =
  /(https?:\/\/(?:[^\s<>"()]|\([^\s<>"()]*\))*(?:[^\s<>"().,;:!?\]'*_~`]|\([^\s<>"()]*\)))|`([^`\n]+)`|\*\*(?=\S)([^*\n]+)(?<=\S)\*\*|~~(?=\S)([^~\n]+)(?<=\S)~~|(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?!\w)|(?<!\w)_(?=\S)([^_\n]+)(?<=\S)_(?!\w)/g;
const STYLES: readonly Style[] = [
  { underline: true },
  CODE,
  { bold: true },
  { strikethrough: true },
  { italic: true },
  { italic: true },
];
/** A longer line is shown as it was typed. */
const LINE_MAX = 8_192;
const MENTION = /(?<![\w@./-])(@[A-Za-z0-9][\w.-]{0,30}\w)/g;

/** A line of spans for each line of the text, harmless. `isMentioned`: names after an `@` that stand out. */
export function markdownLines(text: string, isMentioned: (name: string) => boolean): Span[][] {
  let isCode = false;
  const lines = text.split(/\r\n|[\n\u2028\u2029]/);
  const lastFence = lines.findLastIndex((line) => FENCE.test(line));
  const shown = lines.flatMap((raw, at): Span[][] => {
    const line = harmlessLine(isCode ? raw.replaceAll("\t", TAB) : raw);
    if (FENCE.test(line)) {
      isCode = !isCode;
      // Those of a block are not shown. One that opens nothing is text.
      return isCode && at === lastFence ? [[{ text: line, style: DIM }]] : [];
    }
    if (isCode) return [[{ text: CODE_INDENT + line, style: CODE }]];
    if (line.length > LINE_MAX) return [[{ text: line }]];
    const spans = inline(line, isMentioned);
    return [QUOTE.test(line) ? styled(spans, DIM) : spans];
  });
  return shown.length > 0 ? shown : lines.map((line) => [{ text: harmlessLine(line), style: DIM }]);
}

/** The first line of a text that says something, for a quote of it. */
export function firstLine(text: string): string {
  const lines = text.split(/\r\n|[\n\u2028\u2029]/);
  return harmlessLine(lines.find((line) => line.trim() !== "" && !FENCE.test(line)) ?? "");
}

function inline(line: string, isMentioned: (name: string) => boolean): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of line.matchAll(MARKS)) {
    spans.push(...mentions(line.slice(at, match.index), isMentioned));
    const group = match.slice(1).findIndex((part) => part !== undefined);
    const shown = match[group + 1] ?? "";
    spans.push({ text: shown, style: STYLES[group], ...(group === 0 && { link: linkOf(shown) }) });
    at = match.index + match[0].length;
  }
  spans.push(...mentions(line.slice(at), isMentioned));
  return spans;
}

/** With everything escaped that is not ASCII: it stands in a control sequence. */
function linkOf(text: string): string | undefined {
  const link = URL.canParse(text) ? new URL(text).href : "";
  return link === "" || link.length > LINK_MAX ? undefined : link;
}

function mentions(text: string, isMentioned: (name: string) => boolean): Span[] {
  return text.split(MENTION).flatMap((part, index) => {
    if (part === "") return [];
    const isName = index % 2 === 1 && isMentioned(part.slice(1).toLowerCase());
    return [isName ? { text: part, style: { bold: true, color: "accent" } } : { text: part }];
  });
}
