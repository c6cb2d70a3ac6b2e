import { useEffect, useMemo } from "react";
import { DEFAULT_CHOICE, totalOf } from "../model/sections.ts";
import { useChat } from "./model.ts";
import { useSections } from "./side/use-sections.ts";

const NAME = "Hubbub";

/** The window has the name of the open room and counts the rooms with something new. */
export function useTitle(): void {
  const open = useChat((chat) => chat.open?.room?.name);
  const sections = useSections(DEFAULT_CHOICE, true);
  const { unread } = useMemo(() => totalOf(sections), [sections]);
  const name = open === undefined ? NAME : `${open} · ${NAME}`;
  const title = unread === 0 ? name : `(${unread}) ${name}`;
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = NAME;
    };
  }, [title]);
}
