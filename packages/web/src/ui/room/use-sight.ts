import { type RefObject, useEffect, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Talk } from "../../model/talk.ts";
import type { ItemRowProps } from "../message/item-row.tsx";
import { useModel } from "../model.ts";

interface SightParts {
  readonly talk: Talk;
  readonly rows: readonly ItemRowProps[];
  readonly readUpTo: number | undefined;
  readonly scroll: RefObject<HTMLElement | null>;
  readonly virtual: RefObject<VirtualizerHandle | null>;
}

export interface Sight {
  /** Something unread stands above what is in sight. */
  readonly isUnreadAbove: boolean;
  /** Nobody wants to be told of it any more. */
  dismiss(): void;
}

/** Follows what is in sight: that is read. */
export function useSight({ talk, rows, readUpTo, scroll, virtual }: SightParts): Sight {
  const { app } = useModel();
  const [isUnreadAbove, setAbove] = useState(false);
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    const { current } = scroll;
    if (current === null) return;
    const look = (): void => {
      const list = virtual.current;
      if (list === null || rows.length === 0 || document.visibilityState !== "visible") return;
      const first = list.findItemIndex(current.scrollTop);
      const last = list.findItemIndex(current.scrollTop + current.clientHeight);
      app.chat?.own.rooms.read(talk.room.id, readAt(talk, rows, last));
      const place = unreadIn(rows, talk.timeline.oldest, readUpTo);
      if (place !== undefined && place >= first && place <= last) setDone(true);
      setAbove(place !== undefined && place < first);
    };
    look();
    current.addEventListener("scroll", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      current.removeEventListener("scroll", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [app, talk, rows, readUpTo, scroll, virtual]);
  return { isUnreadAbove: isUnreadAbove && !isDone, dismiss: () => setDone(true) };
}

/** The seq up to which all is read when the row `last` is in sight. Behind the last row come events without a row. */
function readAt({ timeline }: Talk, rows: readonly ItemRowProps[], last: number): number {
  if (last === rows.length - 1) return timeline.hasNewer ? timeline.newest : timeline.head;
  return rows[last]?.item.seq ?? 0;
}

/** The row of the first unread message; -1: it is older than what is loaded. */
function unreadIn(rows: readonly ItemRowProps[], oldest: number, readUpTo: number | undefined): number | undefined {
  if (readUpTo === undefined) return undefined;
  if (oldest > readUpTo + 1) return -1;
  const index = rows.findIndex((row) => row.isUnread);
  return index < 0 ? undefined : index;
}
