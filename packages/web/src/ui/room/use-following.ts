import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** How near the end counts as being there, so that new messages are followed. */
const END_PX = 60;

interface FollowingParts {
  readonly scroll: RefObject<HTMLElement | null>;
  /** What is scrolled. */
  readonly content: RefObject<HTMLElement | null>;
  /** The seq of the last message. */
  readonly newest: number;
}

export interface Following {
  /** Something came while the end was out of sight. */
  readonly hasNews: boolean;
  toEnd(): void;
  /** What is in view stays, whatever comes. */
  stay(): void;
}

/** Keeps the end in view where it is, whatever comes and however the window changes. */
export function useFollowing({ scroll, content, newest }: FollowingParts): Following {
  const isFollowing = useRef(true);
  /** Where the conversation stood when it scrolled last, in pixels. */
  const top = useRef(0);
  const [hasNews, setNews] = useState(false);
  const toEnd = useCallback((): void => {
    isFollowing.current = true;
    const { current } = scroll;
    if (current === null) return;
    current.scrollTop = current.scrollHeight;
    top.current = current.scrollTop;
    setNews(false);
  }, [scroll]);
  useEffect(
    () => watch(scroll.current, content.current, { isFollowing, top, toEnd, setNews }),
    [scroll, content, toEnd],
  );
  const before = useRef(newest);
  useLayoutEffect(() => {
    const isNew = newest > before.current;
    before.current = newest;
    if (isFollowing.current) toEnd();
    else if (isNew) setNews(true);
  }, [newest, toEnd]);
  const stay = useCallback((): void => {
    isFollowing.current = false;
  }, []);
  return { hasNews, toEnd, stay };
}

interface Watched {
  readonly isFollowing: { current: boolean };
  readonly top: { current: number };
  toEnd(): void;
  setNews(hasNews: boolean): void;
}

function watch(scroll: HTMLElement | null, content: HTMLElement | null, parts: Watched): (() => void) | undefined {
  if (scroll === null || content === null) return undefined;
  const { isFollowing, top, toEnd, setNews } = parts;
  /** Only a movement up leaves the end: this may run late, when the window has shrunk and nobody has scrolled. */
  const scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = scroll;
    if (scrollHeight - scrollTop - clientHeight < END_PX) isFollowing.current = true;
    else if (scrollTop < top.current) isFollowing.current = false;
    top.current = scrollTop;
    if (isFollowing.current) setNews(false);
  };
  const observer = new ResizeObserver(() => isFollowing.current && toEnd());
  observer.observe(scroll);
  observer.observe(content);
  scroll.addEventListener("scroll", scrolled);
  return () => {
    observer.disconnect();
    scroll.removeEventListener("scroll", scrolled);
  };
}
