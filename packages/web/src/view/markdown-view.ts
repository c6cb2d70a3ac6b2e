import type { Piece, Shape } from "../markdown.ts";

/** Each of these is read in the direction of its own first strong letter. */
const BLOCKS: readonly Shape["tag"][] = ["p", "li", "blockquote", "pre"];

/** Elements for a text of somebody. Texts of others only ever get into the page as text. */
export function viewPieces(pieces: readonly Piece[]): (string | HTMLElement)[] {
  return pieces.map((piece) => (typeof piece === "string" ? piece : viewShape(piece)));
}

function viewShape({ tag, pieces, href, start, language = "" }: Shape): HTMLElement {
  const made = document.createElement(tag);
  made.append(...viewPieces(pieces));
  if (BLOCKS.includes(tag)) made.dir = "auto";
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
