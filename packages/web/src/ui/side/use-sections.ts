import { useMemo } from "react";
import { type Section, type SectionChoice, sectionsOf } from "../../model/sections.ts";
import type { ChatState } from "../../model/state.ts";
import { useChat } from "../model.ts";

/** The user's rooms whose name has what is searched for, or all. While something is searched, nothing is collapsed. */
export function useSections(choice: SectionChoice, areAll = false): readonly Section[] {
  const { joined } = useChat((chat) => chat.lists);
  const statuses = useUnread();
  const open = useChat((chat) => chat.open?.id);
  const search = useChat((chat) => (areAll ? "" : chat.search.trim().toLowerCase()));
  return useMemo(() => {
    if (search === "") return sectionsOf({ joined, statuses, open, choice });
    const found = joined.filter(({ name }) => name.toLowerCase().includes(search));
    return sectionsOf({ joined: found, statuses, open, choice: { ...choice, collapsed: [] } });
  }, [joined, statuses, open, search, choice]);
}

/** What has been read where. The room that is looked at has nothing to announce. */
export function useUnread(): ChatState["statuses"] {
  const statuses = useChat((chat) => chat.statuses);
  const open = useChat((chat) => chat.open?.id);
  return useMemo(() => {
    const status = open && statuses.get(open);
    if (status === undefined || document.visibilityState !== "visible") return statuses;
    return new Map(statuses).set(status.room, { ...status, unread: 0, mentions: 0, isExact: true });
  }, [statuses, open]);
}
