import { Lexer, type Token, Tokenizer } from "marked";

/** Quotes, lists and emphases inside each other. What lies deeper stays as it was typed. */
const DEPTH_MAX = 8;
/** What reading one text may cost, in characters that are passed. An ordinary text costs less than a tenth. */
const COST_MAX = 300_000;
/** What a paragraph or an item costs besides its characters, and a piece between two marks. */
const BLOCK_COST = 200;
const PIECE_COST = 100;

/** Rules of Markdown that do not hold here. What they would take stays text. */
const WITHOUT = ["code", "heading", "lheading", "hr", "html", "def", "table", "reflink", "tag", "br"] as const;

/** A quote ends with the last line that begins with its mark: an answer often follows without an empty line. */
const QUOTED = /^(?: {0,3}>[^\n]*(?:\n|$))+/;

/** What may open an emphasis. Anything else would be scanned in vain. */
const OPENS = /^(?:\*+(?=[^*\s])|_+(?=[^_\s]))/;
/** The library looks through these for the "@" of an address, from each piece of a text. */
const BEFORE_AT = /^[\w.!#$%&'*+/=?`{|}~-]*/;
const WORD = /^\S*/;

/** Each text has one of its own, which counts what the text costs. */
class SmallHalf extends Tokenizer {
  #depth = 0;
  #cost = 0;

  override blockquote(src: string) {
    const quoted = QUOTED.exec(src)?.[0];
    return quoted === undefined ? undefined : this.#deeper(src, () => super.blockquote(quoted));
  }

  /** Each block comes by here. */
  override list(src: string) {
    this.#spend(BLOCK_COST);
    return this.#deeper("", () => super.list(src));
  }

  override emStrong(src: string, masked: string, before = "") {
    const cannotOpen = !OPENS.test(src) || (src.startsWith("_") && /\w/.test(before));
    return cannotOpen ? undefined : this.#deeper(src, () => super.emStrong(src, masked, before));
  }

  /** Two tildes strike out. One is often meant as "about". */
  override del(src: string, masked: string, before?: string) {
    return src.startsWith("~~") ? this.#deeper(src, () => super.del(src, masked, before)) : undefined;
  }

  override link(src: string) {
    const canBegin = /^!?\[/.test(src) && src.includes("](");
    return canBegin ? this.#deeper(src, () => super.link(src)) : undefined;
  }

  override codespan(src: string) {
    return src.startsWith("`") ? this.#deeper(src, () => super.codespan(src)) : undefined;
  }

  override url(src: string) {
    const made = super.url(src);
    if (made !== undefined) this.#spend(WORD.exec(src)?.[0].length ?? 0);
    return made;
  }

  override inlineText(src: string) {
    this.#spend(PIECE_COST + (BEFORE_AT.exec(src)?.[0].length ?? 0));
    return super.inlineText(src);
  }

  /** A rule that fails has passed `src` in vain. */
  #deeper<Made extends { readonly raw: string }>(src: string, read: () => Made | undefined): Made | undefined {
    if (this.#depth === DEPTH_MAX) return undefined;
    this.#depth += 1;
    const made = read();
    this.#depth -= 1;
    this.#spend(made?.raw.length ?? src.length);
    return made;
  }

  /** @throws at the bound, which ends the reading of the text */
  #spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > COST_MAX) throw new RangeError("the text costs too much to read");
  }
}
for (const rule of WITHOUT) SmallHalf.prototype[rule] = () => undefined;

/** The tokens of a text; undefined: it costs too much to read. */
export function readTokens(text: string): readonly Token[] | undefined {
  const lexer = new Lexer({ gfm: true, tokenizer: new SmallHalf() });
  // Without definitions no link refers to one, and the library need not look for such links.
  Reflect.deleteProperty(lexer.tokens, "links");
  try {
    return lexer.lex(text);
  } catch {
    // Whatever the library throws for a text, the text is shown.
    return undefined;
  }
}
