import { Lexer, type Token, Tokenizer } from "marked";

/** Quotes, lists and emphases inside each other. What lies deeper stays as it was typed. */
const DEPTH_MAX = 8;
/** Characters that the scans for closing marks may pass in one text. Ordinary texts need less than a hundredth. */
const SCANNED_MAX = 500_000;

/** Rules of Markdown that do not hold here. What they would take stays text. */
const WITHOUT = ["code", "heading", "lheading", "hr", "html", "def", "table", "reflink", "tag", "br"] as const;

/** A quote ends with the last line that begins with its mark: an answer often follows without an empty line. */
const QUOTED = /^(?: {0,3}>[^\n]*(?:\n|$))+/;

/** Each text has one of its own, which counts what the text costs. */
class SmallHalf extends Tokenizer {
  #depth = 0;
  #scanned = 0;

  override blockquote(src: string) {
    const quoted = QUOTED.exec(src)?.[0];
    return quoted === undefined ? undefined : this.#deeper(() => super.blockquote(quoted));
  }

  override list(src: string) {
    return this.#deeper(() => super.list(src));
  }

  override emStrong(src: string, masked: string, before?: string) {
    return /^[*_]/.test(src) ? this.#deeper(() => super.emStrong(src, masked, before), src) : undefined;
  }

  /** Two tildes strike out. One is often meant as "about". */
  override del(src: string, masked: string, before?: string) {
    return src.startsWith("~~") ? this.#deeper(() => super.del(src, masked, before), src) : undefined;
  }

  override link(src: string) {
    return /^!?\[/.test(src) ? this.#deeper(() => super.link(src), src) : undefined;
  }

  override codespan(src: string) {
    return src.startsWith("`") ? this.#deeper(() => super.codespan(src), src) : undefined;
  }

  /** `scanned`: what the rule may read to its end in vain. @throws at the bound */
  #deeper<Made>(read: () => Made, scanned = ""): Made | undefined {
    if (this.#depth === DEPTH_MAX) return undefined;
    this.#scanned += scanned.length;
    if (this.#scanned > SCANNED_MAX) throw new RangeError("the text has too many marks");
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
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
