import type { UserId } from "@hubbub/protocol";
import { localDay, rowsOf } from "../../model/rows.ts";
import { isStored, type Message, shownItems, type Timeline } from "../../model/timeline.ts";
import type { ItemRowProps } from "../message/item-row.tsx";

/**
 * One row for each item, with what stands above it: the list keeps its place by counting rows, so a day that moves to
 * an earlier item must not be a row of its own.
 */
export function listRows(
  timeline: Timeline,
  { me, readUpTo }: { me: UserId; readUpTo: number | undefined },
): ItemRowProps[] {
  const bySeq = new Map(shownItems(timeline).map((item) => [item.seq, item]));
  const quotedOf = (seq: number | undefined): Message | undefined => {
    const quoted = seq === undefined ? undefined : bySeq.get(seq);
    return quoted?.kind === "message" ? quoted : undefined;
  };
  const rows: ItemRowProps[] = [];
  let [day, isUnread]: [string | undefined, boolean] = [undefined, false];
  for (const row of rowsOf(timeline, { me, readUpTo, dayOf: localDay })) {
    if (row.kind === "day") day = row.day;
    else if (row.kind === "unread") isUnread = true;
    else {
      const { item, startsGroup } = row;
      const quoted = item.kind === "message" ? quotedOf(item.event.replyTo) : undefined;
      rows.push({ item, startsGroup, day, isUnread, quoted, isStored: isStored(timeline, item) });
      [day, isUnread] = [undefined, false];
    }
  }
  return rows;
}
