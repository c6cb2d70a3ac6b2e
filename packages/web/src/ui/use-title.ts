import { useEffect } from "react";
import type { ChatState } from "../model/state.ts";
import { useChat } from "./model.ts";

const NAME = "Hubbub";

/** The window has the name of the open room and counts what is new. */
export function useTitle(): void {
  const title = useChat(titleOf);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = NAME;
    };
  }, [title]);
}

function titleOf({ open, talks }: ChatState): string {
  const unread = [...talks.values()].reduce((sum, talk) => sum + talk.unread, 0);
  const name = open?.room === undefined ? NAME : `${open.room.name} · ${NAME}`;
  return unread === 0 ? name : `(${unread}) ${name}`;
}
