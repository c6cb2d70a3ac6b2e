import type { ReactNode } from "react";
import type { Piece, Shape } from "../../model/markdown.ts";

/** Each is read in the direction of its first strong letter. A direction inside it would hide that letter from it. */
const BLOCKS = ["p", "ul", "ol", "blockquote", "pre"];

/** Elements for a text of somebody. Texts of others only ever get into the page as text. */
export function Pieces({ pieces, isOutermost = true }: { pieces: readonly Piece[]; isOutermost?: boolean }) {
  // Pieces have no identity but their place, and are never moved.
  return pieces.map((piece, index) => {
    if (typeof piece === "string") return piece;
    const isBlock = isOutermost && BLOCKS.includes(piece.tag);
    // biome-ignore lint/suspicious/noArrayIndexKey: a text is never rearranged
    return <OneShape key={index} shape={piece} {...(isBlock && { dir: "auto" })} />;
  });
}

function OneShape({ shape, dir }: { shape: Shape; dir?: string }) {
  const { tag: Tag, pieces, href, start, language = "" } = shape;
  const content: ReactNode = <Pieces pieces={pieces} isOutermost={false} />;
  if (Tag === "a")
    return (
      // What is written on a link may be another address.
      <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
        {content}
      </a>
    );
  if (Tag === "span") return <span className="mention">{content}</span>;
  if (Tag === "ol")
    return (
      <ol dir={dir} start={start}>
        {content}
      </ol>
    );
  return (
    <Tag dir={dir} data-language={language === "" ? undefined : language}>
      {content}
    </Tag>
  );
}
