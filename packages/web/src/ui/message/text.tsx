import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type MentionsOfEvent, parseMarkdown } from "../../model/markdown.ts";
import { Pieces } from "./pieces.tsx";

/** A text of fewer lines and characters is never cut. */
const SHORT_LINES = 12;
const SHORT_LENGTH = 400;

interface TextProps {
  readonly id: string;
  readonly text: string;
  readonly expanded: Set<string>;
  readonly mentions?: MentionsOfEvent | undefined;
  /** Behind its end. */
  readonly children?: ReactNode;
}

/** A text of any length takes a bounded height until it is asked for. */
export function Text({ id, text, expanded, mentions, children }: TextProps) {
  const pieces = useMemo(() => parseMarkdown(text, mentions), [text, mentions]);
  const isLong = text.length > SHORT_LENGTH || text.split("\n", SHORT_LINES).length >= SHORT_LINES;
  if (isLong)
    return (
      <LongText id={id} expanded={expanded} after={children}>
        <Pieces pieces={pieces} />
      </LongText>
    );
  return (
    <>
      <div className="text" dir="auto">
        <Pieces pieces={pieces} />
      </div>
      {children}
    </>
  );
}

interface LongTextProps {
  readonly id: string;
  readonly expanded: Set<string>;
  readonly after: ReactNode;
  readonly children: ReactNode;
}

function LongText({ id, expanded, after, children }: LongTextProps) {
  const [isWhole, setWhole] = useState(expanded.has(id));
  const [isCut, setCut] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const text = body.current;
    if (text === null || isWhole) return;
    const observer = new ResizeObserver(() => setCut(text.scrollHeight > text.clientHeight + 1));
    observer.observe(text);
    return () => observer.disconnect();
  }, [isWhole]);
  const toggle = (): void => {
    if (!expanded.delete(id)) expanded.add(id);
    setWhole(expanded.has(id));
  };
  return (
    <>
      <div ref={body} className={isWhole ? "text long whole" : "text long"} dir="auto">
        {children}
      </div>
      {after}
      {(isCut || isWhole) && (
        <button type="button" className="quiet small more" aria-expanded={isWhole} onClick={toggle}>
          {isWhole ? "Show less" : "Show more"}
        </button>
      )}
    </>
  );
}
