import type { Piece, Shape } from "../markdown.ts";

/** Each is read in the direction of its first strong letter. A direction inside it would hide that letter from it. */
const BLOCKS = ["p", "ul", "ol", "blockquote", "pre"];

/** Elements for a text of somebody. Texts of others only ever get into the page as text. */
export function viewPieces(pieces: readonly Piece[]): (string | HTMLElement)[] {
  const made = pieces.map(viewPiece);
  for (const one of made) if (typeof one === "object" && BLOCKS.includes(one.localName)) one.dir = "auto";
  return made;
}

function viewPiece(piece: Piece): string | HTMLElement {
  return typeof piece === "string" ? piece : viewShape(piece);
}

function viewShape({ tag, pieces, href, start, language = "" }: Shape): HTMLElement {
  const made = document.createElement(tag);
  made.append(...pieces.map(viewPiece));
  if (tag === "span") made.className = "mention";
  if (language !== "") made.dataset["language"] = language;
  if (made instanceof HTMLOListElement && start !== undefined) made.start = start;
  if (made instanceof HTMLAnchorElement && href !== undefined) {
    made.href = href;
    made.target = "_blank";
    made.rel = "noopener noreferrer nofollow";
    // What is written on a link may be another address.
    made.title = href;
  }
  return made;
}
