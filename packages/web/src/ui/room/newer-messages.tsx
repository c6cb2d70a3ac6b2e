import { type RefObject, useEffect, useRef } from "react";
import type { Talk } from "../../model/conversation.ts";
import { useTalk } from "../message/talk-context.ts";

/** How far below the ones in sight later messages are loaded already. */
const AHEAD = "0px 0px 600px 0px";

/** Where the window does not reach the newest message, later ones are loaded when its end comes near. */
export function NewerMessages({ talk, scroll }: { talk: Talk; scroll: RefObject<HTMLElement | null> }) {
  const { conversation } = useTalk();
  const end = useRef<HTMLParagraphElement>(null);
  const { isLoading } = talk;
  const { hasNewer } = talk.timeline;
  useEffect(() => {
    if (isLoading || !hasNewer || end.current === null) return;
    const options = { root: scroll.current, rootMargin: AHEAD };
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && conversation.loadNewer(), options);
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [conversation, isLoading, hasNewer, scroll]);
  return (
    <p ref={end} id="newer" className="scroll-foot muted" hidden={!hasNewer}>
      Later messages…
    </p>
  );
}
