import type { MessageEvent } from "@hubbub/client";
import { splitAtMentions, TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { Token, Tokens } from "marked";
import { readTokens } from "./markdown-rules.ts";

/** A text as the page shows it: Markdown's bold, italic, strike, code, quotes, lists and links; everything else as it was typed. */

export type Piece = string | Shape;

export interface Shape {
  readonly tag: "p" | "strong" | "em" | "del" | "code" | "pre" | "blockquote" | "ul" | "ol" | "li" | "a" | "span";
  readonly pieces: readonly Piece[];
  /** Of a link. */
  readonly href?: string;
  /** The number of the first item of a list. */
  readonly start?: number;
  /** What stands behind the marks that open a block of code. */
  readonly language?: string;
}

export type MentionsOfEvent = NonNullable<MessageEvent["mentions"]>;

const PROTOCOLS = ["http:", "https:", "mailto:"];

/** `mentions`: what the message mentions; a `span` stands around each. Pure, and bounded in time for any text. */
export function parseMarkdown(text: string, mentions: MentionsOfEvent = {}): readonly Piece[] {
  const tokens = text.length > TEXT_MAX_BYTES ? undefined : readTokens(text);
  if (tokens === undefined) return [text];
  const names = [...(mentions.names ?? []), ...(mentions.room ? ["room"] : []), ...(mentions.here ? ["here"] : [])];
  const pieces = new Reading(new Set(names)).blocks(tokens);
  const [only] = pieces;
  return pieces.length === 1 && typeof only === "object" && only.tag === "p" ? only.pieces : pieces;
}

/** The text in one line and without its marks, for a quote. */
export function plainLine(text: string): string {
  return parseMarkdown(text).map(spaced).join("").replace(/\s+/gu, " ").trim();
}

const INLINE = ["strong", "em", "del", "code", "a", "span"];

function spaced(piece: Piece): string {
  if (typeof piece === "string") return piece;
  const text = piece.pieces.map(spaced).join("");
  return INLINE.includes(piece.tag) ? text : ` ${text} `;
}

class Reading {
  readonly #mentioned: ReadonlySet<string>;

  constructor(mentioned: ReadonlySet<string>) {
    this.#mentioned = mentioned;
  }

  blocks(tokens: readonly Token[]): Piece[] {
    return tokens.flatMap((token) => this.#block(token as Tokens.Generic));
  }

  #block(token: Tokens.Generic): Piece[] {
    const { type, raw, text, tokens = [] } = token;
    switch (type) {
      case "space":
        return [];
      case "paragraph":
        return [{ tag: "p", pieces: this.#inline(tokens) }];
      case "text":
        return this.#inline(tokens);
      case "checkbox":
        return [raw];
      case "code":
        return [{ tag: "pre", pieces: [{ tag: "code", pieces: [text] }], language: token["lang"] ?? "" }];
      case "blockquote":
        return [orSource({ tag: "blockquote", pieces: this.blocks(tokens) }, raw)];
      case "list":
        return [orSource(this.#list(token as Tokens.List), raw)];
      default:
        return [{ tag: "p", pieces: [raw] }];
    }
  }

  #list({ ordered, start, items }: Tokens.List): Shape {
    const pieces = items.map(({ tokens }): Shape => ({ tag: "li", pieces: this.blocks(tokens) }));
    if (!ordered) return { tag: "ul", pieces };
    return { tag: "ol", pieces, ...(typeof start === "number" && start !== 1 ? { start } : {}) };
  }

  #inline(tokens: readonly Token[]): Piece[] {
    return tokens.flatMap((token) => this.#inlinePiece(token as Tokens.Generic));
  }

  #inlinePiece({ type, raw, text, href, tokens = [] }: Tokens.Generic): Piece[] {
    switch (type) {
      case "text":
        return this.#withMentions(raw);
      case "escape":
        return [text];
      case "codespan":
        return [{ tag: "code", pieces: [text] }];
      case "strong":
      case "em":
      case "del":
        return [{ tag: type, pieces: this.#inline(tokens) }];
      case "link": {
        const address = addressOf(href);
        if (address === undefined) return [raw];
        const shape: Shape = { tag: "a", href: address, pieces: this.#inline(tokens) };
        return [namesAnother(shape, address) ? raw : orSource(shape, raw)];
      }
      default:
        return [raw];
    }
  }

  #withMentions(text: string): Piece[] {
    const pieces: Piece[] = [];
    for (const [at, part] of splitAtMentions(text).entries()) {
      const isName = at % 2 === 1;
      if (isName && this.#mentioned.has(part.toLowerCase())) pieces.push({ tag: "span", pieces: [`@${part}`] });
      else if (part !== "") pieces.push(isName ? `@${part}` : part);
    }
    return pieces;
  }
}

/** A lone mark, like "-" or ">", is no empty list and no empty quote. */
function orSource(shape: Shape, source: string): Piece {
  return textOf(shape).trim() === "" ? source.trimEnd() : shape;
}

function textOf(piece: Piece): string {
  return typeof piece === "string" ? piece : piece.pieces.map(textOf).join("");
}

/** Whether what is written on a link is an address of another host: then the reader sees both as they were typed. */
function namesAnother(shape: Shape, address: string): boolean {
  const shown = textOf(shape).replace(/[\p{Default_Ignorable_Code_Point}\s]/gu, "");
  if (!/^(?:https?:|www\.)/iu.test(shown)) return false;
  const named = shown.replace(/^www\./iu, "https://");
  return !URL.canParse(named) || hostOf(named) !== hostOf(address);
}

const hostOf = (address: string): string => new URL(address).host.replace(/^www\./u, "");

/** undefined: not an address to which a link may lead. */
function addressOf(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  return PROTOCOLS.includes(url.protocol) ? url.href : undefined;
}
