import { useCallback, useEffect } from "react";
import { useChat, useModel } from "./model.ts";

/** How near the end of the messages counts as being there. */
const END_PX = 60;

/** Marks a room as read when its end is in sight. */
export function useReadMarks(): void {
  const { app, shown } = useModel();
  const head = useChat((chat) => (chat.open?.stage === "in" ? chat.talks.get(chat.open.id)?.timeline.head : undefined));
  const open = useChat((chat) => chat.open?.id);
  const isKnown = useChat((chat) => chat.open !== undefined && chat.statuses.has(chat.open.id));
  const read = useCallback((): void => {
    const { open: now, talks } = shown.chat;
    const talk = now?.stage === "in" ? talks.get(now.id) : undefined;
    if (talk === undefined || talk.isLoading || talk.timeline.hasNewer || !isAtEnd()) return;
    if (document.visibilityState === "visible") app.chat?.own.rooms.read(talk.room.id, talk.timeline.head);
  }, [app, shown]);
  const isLoading = useChat((chat) => chat.open !== undefined && chat.talks.get(chat.open.id)?.isLoading === true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them may be the last that was missing
  useEffect(() => {
    // The list goes to its end first.
    const frame = requestAnimationFrame(read);
    return () => cancelAnimationFrame(frame);
  }, [read, open, head, isKnown, isLoading]);
  useEffect(() => {
    document.addEventListener("scroll", read, { capture: true, passive: true });
    document.addEventListener("visibilitychange", read);
    return () => {
      document.removeEventListener("scroll", read, { capture: true });
      document.removeEventListener("visibilitychange", read);
    };
  }, [read]);
}

function isAtEnd(): boolean {
  const scroll = document.getElementById("scroll");
  return scroll !== null && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < END_PX;
}
