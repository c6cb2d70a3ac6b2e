import { memo } from "react";
import { nameOfDay } from "../../model/rows.ts";
import type { Item, Message } from "../../model/timeline.ts";
import type { Progress } from "../../model/timeline-items.ts";
import { MessageRow } from "./message-row.tsx";

export interface ItemRowProps {
  readonly item: Item;
  readonly startsGroup: boolean;
  /** Of the first item of a day. */
  readonly day: string | undefined;
  /** It is the first one that was not read. */
  readonly isUnread: boolean;
  readonly isStored: boolean;
  readonly quoted: Message | undefined;
  readonly isFound?: boolean;
}

/** A message or a note; above the first one of a day, its date; above the first unread one, a line. */
export const ItemRow = memo(function ItemRow(props: ItemRowProps) {
  const { item, startsGroup, day, isUnread, isStored, quoted, isFound = false } = props;
  return (
    <>
      {day !== undefined && item.at > 0 && (
        <div className="day">
          <span>{nameOfDay(day, Date.now())}</span>
        </div>
      )}
      {isUnread && (
        <div className="day unread-line">
          <span>New messages</span>
        </div>
      )}
      {item.kind === "note" ? (
        <p className="note">
          <span dir="auto">{item.text}</span>
          {item.progress !== undefined && <TaskBar {...item.progress} />}
        </p>
      ) : (
        <MessageRow message={item} startsGroup={startsGroup} isStored={isStored} quoted={quoted} isFound={isFound} />
      )}
    </>
  );
});

function TaskBar({ done, total }: Progress) {
  const known = total > 0 ? { value: done, max: total } : {};
  return <progress className="task-bar" {...known} aria-label="Progress of the task" />;
}
