import { type RefObject, useEffect, useRef } from "react";
import type { Talk } from "../../model/conversation.ts";
import { useTalk } from "../message/talk-context.ts";

/** How far above the ones in sight earlier messages are loaded already. */
const AHEAD = "600px 0px 0px 0px";

/** Loads earlier messages when it comes near. */
export function OlderMessages({ talk, scroll }: { talk: Talk; scroll: RefObject<HTMLElement | null> }) {
  const { conversation } = useTalk();
  const button = useRef<HTMLButtonElement>(null);
  const { isLoading } = talk;
  const { hasOlder, kept } = talk.timeline;
  // A page may hold nothing that is shown here: after each one it is looked at again.
  useEffect(() => {
    if (isLoading || !hasOlder || button.current === null) return;
    const options = { root: scroll.current, rootMargin: AHEAD };
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && conversation.loadOlder(), options);
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [conversation, isLoading, hasOlder, scroll]);
  return (
    <div className="scroll-head">
      <button
        ref={button}
        type="button"
        id="older"
        className="quiet small"
        hidden={!hasOlder}
        disabled={isLoading}
        onClick={() => conversation.loadOlder()}
      >
        {isLoading ? "Loading…" : "Earlier messages"}
      </button>
      {!hasOlder && !isLoading && kept === undefined && (
        <p className="muted words">The beginning of “{talk.room.name}”</p>
      )}
    </div>
  );
}
