import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { RowHold } from "./row-hold.ts";

/** How near the end counts as being there, so that new messages are followed. */
const END_PX = 60;

interface FollowingParts {
  readonly scroll: RefObject<HTMLElement | null>;
  /** What is scrolled. */
  readonly content: RefObject<HTMLElement | null>;
  /** The seqs of the first and the last message. */
  readonly oldest: number;
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
export function useFollowing({ scroll, content, oldest, newest, isAtHead }: FollowingParts): Following {
  const isFollowing = useRef(true);
  /** Where the conversation stood when it scrolled last, in pixels. */
  const top = useRef(0);
  const [newsAfter, setNews] = useState<number>();
  const head = useRef(isAtHead);
  head.current = isAtHead;
  const toEnd = useCallback((): void => {
    isFollowing.current = true;
    const { current } = scroll;
    if (current === null) return;
    current.scrollTop = current.scrollHeight;
    top.current = current.scrollTop;
    setNews(undefined);
  }, [scroll]);
  useEffect(
    () => watch(scroll.current, content.current, { isFollowing, isAtHead: head, top, toEnd, setNews }),
    [scroll, content, toEnd],
  );
  const before = useRef(newest);
  useLayoutEffect(() => {
    const last = before.current;
    before.current = newest;
    if (!isAtHead) return;
    if (isFollowing.current) toEnd();
    else if (newest > last) setNews((after) => after ?? last);
  }, [newest, isAtHead, toEnd]);
  const hold = useEndHold({ scroll, oldest, newest, isAtHead, isFollowing });
  const stay = useCallback((): void => {
    isFollowing.current = false;
    hold.current?.leave();
  }, [hold]);
  return { newsAfter, toEnd, stay, measured: useCallback(() => hold.current?.measured(), [hold]) };
}

interface HeldEnd extends Omit<FollowingParts, "content"> {
  readonly isFollowing: { readonly current: boolean };
}

/**
 * Until the user scrolls for the first time, the list is at its end also when rows are measured late: it moves itself then
 * to keep what was in view, which looks as if somebody had scrolled up.
 */
function useEndHold({ scroll, oldest, newest, isAtHead, isFollowing }: HeldEnd) {
  const hold = useRef<RowHold>(undefined);
  useLayoutEffect(() => {
    const { current } = scroll;
    const isWanted = oldest <= newest && newest > 0 && isAtHead && isFollowing.current;
    if (current === null || hold.current?.isLeft || !isWanted) return;
    const parts = { scroll: current, top: () => current.scrollHeight - current.clientHeight };
    if (hold.current?.isEnded === false) hold.current.measured();
    else hold.current = new RowHold({ ...parts, isLaidOut: () => current.clientHeight > 0 });
  }, [scroll, oldest, newest, isAtHead, isFollowing]);
  useEffect(() => () => hold.current?.end(), []);
  return hold;
}

interface Watched {
  readonly isFollowing: { current: boolean };
  readonly isAtHead: { readonly current: boolean };
  readonly top: { current: number };
  toEnd(): void;
  setNews(newsAfter: undefined): void;
}

function watch(scroll: HTMLElement | null, content: HTMLElement | null, parts: Watched): (() => void) | undefined {
  if (scroll === null || content === null) return undefined;
  const { isFollowing, isAtHead, top, toEnd, setNews } = parts;
  let height = scroll.scrollHeight;
  /**
   * Only a movement up in unchanged content leaves the end: this may run late, when the window has shrunk or rows were
   * replaced, and nobody has scrolled.
   */
  const scrolled = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = scroll;
    const isMoved = scrollHeight === height && scrollTop < top.current;
    if (isAtHead.current && scrollHeight - scrollTop - clientHeight < END_PX) isFollowing.current = true;
    else if (isMoved) isFollowing.current = false;
    [top.current, height] = [scrollTop, scrollHeight];
    if (isFollowing.current) setNews(undefined);
  };
  const observer = new ResizeObserver(() => {
    if (isFollowing.current && isAtHead.current) toEnd();
    [top.current, height] = [scroll.scrollTop, scroll.scrollHeight];
  });
  observer.observe(scroll);
  observer.observe(content);
  scroll.addEventListener("scroll", scrolled);
  return () => {
    observer.disconnect();
    scroll.removeEventListener("scroll", scrolled);
  };
}
