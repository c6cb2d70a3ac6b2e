import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { EndFollow } from "./end-follow.ts";

const INPUTS = ["wheel", "touchmove", "keydown", "pointerdown"];

interface FollowingParts {
  readonly scroll: RefObject<HTMLElement | null>;
  /** What is scrolled. */
  readonly content: RefObject<HTMLElement | null>;
  /** The seq of the last message. */
  readonly newest: number;
  /** Behind it comes nothing: otherwise there is no end to follow. */
  readonly isAtHead: boolean;
}

export interface Following {
  /** The last message before the first one that came while the end was out of sight; undefined: there is none. */
  readonly newsAfter: number | undefined;
  toEnd(): void;
  /** What is in view stays, whatever comes. */
  stay(): void;
  /** To be called when rows were measured. */
  measured(): void;
}

/** Keeps the end in view where it is, whatever comes and however the window changes. */
export function useFollowing({ scroll, content, newest, isAtHead }: FollowingParts): Following {
  const [end] = useState(() => new EndFollow());
  end.isAtHead = isAtHead;
  const [newsAfter, setNews] = useState<number>();
  const toEnd = useCallback((): void => {
    if (scroll.current === null) end.isFollowing = true;
    else end.toEnd(scroll.current);
    setNews(undefined);
  }, [scroll, end]);
  useEffect(
    () => watch(scroll.current, content.current, { end, seen: () => setNews(undefined) }),
    [scroll, content, end],
  );
  const before = useRef(newest);
  useLayoutEffect(() => {
    const last = before.current;
    before.current = newest;
    if (!isAtHead) return;
    if (end.isFollowing && scroll.current !== null) end.scrolled(scroll.current, performance.now());
    if (end.isFollowing) toEnd();
    else if (newest > last) setNews((after) => after ?? last);
  }, [newest, isAtHead, scroll, end, toEnd]);
  const stay = useCallback((): void => {
    end.isFollowing = false;
  }, [end]);
  /** The list moves first. */
  const measured = useCallback((): void => {
    queueMicrotask(() => scroll.current !== null && end.measured(scroll.current));
  }, [scroll, end]);
  return { newsAfter, toEnd, stay, measured };
}

interface Watched {
  readonly end: EndFollow;
  seen(): void;
}

function watch(scroll: HTMLElement | null, content: HTMLElement | null, { end, seen }: Watched) {
  if (scroll === null || content === null) return undefined;
  const scrolled = (): void => {
    end.scrolled(scroll, performance.now());
    if (end.isFollowing) seen();
  };
  const observer = new ResizeObserver(() => end.resized(scroll, performance.now()));
  observer.observe(scroll);
  observer.observe(content);
  scroll.addEventListener("scroll", scrolled);
  const used = (): void => end.used(performance.now());
  for (const kind of INPUTS) scroll.addEventListener(kind, used, { passive: true });
  return (): void => {
    observer.disconnect();
    scroll.removeEventListener("scroll", scrolled);
    for (const kind of INPUTS) scroll.removeEventListener(kind, used);
  };
}
