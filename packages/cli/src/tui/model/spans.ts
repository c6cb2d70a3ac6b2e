import type { Meaning } from "../../colors.ts";
import { columnsOf, graphemes, widthOf } from "../../width.ts";

/** How a piece of text looks. */
export interface Style {
  readonly color?: Meaning;
  /** In the colour of this user. */
  readonly nameOf?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strikethrough?: boolean;
  readonly inverse?: boolean;
}

/** Harmless text of one style. `link`: where a click leads, in terminals that can. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
  readonly link?: string | undefined;
}

/** One row of a terminal. */
export type Row = readonly Span[];

export const DIM: Style = { dim: true };
export const BOLD: Style = { bold: true };

/** Spaces at which a row may end. */
const WORDS = /\s+|\S+/gu;

export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Rows of at most `columns`, broken between words; a word that is wider than a row is broken where it must. */
export function wrap(spans: Row, columns: number): Row[] {
  const paper = new Paper(Math.max(columns, 2));
  for (const span of spans) for (const [word] of span.text.matchAll(WORDS)) paper.add(span, word);
  return paper.rows;
}

/** Where the second column of a list begins, or the text behind its indentation. */
const LIST_HEAD = /^(?:\s*\S.*?\s{2,}(?=\S)|\s*)/;
const NARROW_INDENT = 4;

/** A line of a list in rows whose text stays in its column. In a narrow pane it stands below its head. */
export function wrapListed(text: string, columns: number, style: Style): Row[] {
  const [head = ""] = LIST_HEAD.exec(text) ?? [];
  const body = { text: text.slice(head.length), style };
  const indent = widthOf(head);
  if (indent * 2 <= columns)
    return wrap([body], columns - indent).map((row, at) => [
      { text: at === 0 ? head : " ".repeat(indent), style },
      ...row,
    ]);
  const below = wrap([body], columns - NARROW_INDENT).map((row) => [{ text: " ".repeat(NARROW_INDENT) }, ...row]);
  return head.trim() === "" ? below : [...wrap([{ text: head.trimEnd(), style }], columns), ...below];
}

/** The row without what is beyond `columns`, filled with spaces. */
export function padRow(row: Row, columns: number): Row {
  const [first = []] = rowWidth(row) > columns ? cut(row, columns) : [row];
  const missing = columns - rowWidth(first);
  return missing > 0 ? [...first, { text: " ".repeat(missing) }] : first;
}

/** Every span in this style, besides its own. */
export function styled(row: Row, style: Style): Span[] {
  return row.map((span) => ({ ...span, style: { ...span.style, ...style } }));
}

function cut(row: Row, columns: number): Row[] {
  const paper = new Paper(columns);
  for (const span of row) paper.addBroken(span, span.text);
  return paper.rows;
}

class Paper {
  readonly #columns: number;
  readonly #rows: Span[][] = [[]];
  #width = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get rows(): Row[] {
    return this.#rows;
  }

  add(span: Span, word: string): void {
    const width = widthOf(word);
    if (this.#width + width <= this.#columns) this.#put(span, word, width);
    // Spaces at a break are not shown.
    else if (word.trim() === "") this.#break();
    else if (width <= this.#columns) {
      this.#break();
      this.#put(span, word, width);
    } else this.addBroken(span, word);
  }

  addBroken(span: Span, word: string): void {
    for (const { segment } of graphemes.segment(word)) {
      const width = columnsOf(segment);
      if (this.#width + width > this.#columns) this.#break();
      this.#put(span, segment, width);
    }
  }

  #put(span: Span, text: string, width: number): void {
    const row = this.#rows.at(-1) ?? [];
    const last = row.at(-1);
    const isSame = last !== undefined && last.style === span.style && last.link === span.link;
    if (isSame) row[row.length - 1] = { ...last, text: last.text + text };
    else row.push({ ...span, text });
    this.#width += width;
  }

  #break(): void {
    this.#rows.push([]);
    this.#width = 0;
  }
}
