import { memo } from "react";
import type { Item, Message } from "../../model/timeline.ts";
import { dayOf } from "../words.ts";
import { MessageRow } from "./message-row.tsx";

export interface ItemRowProps {
  readonly item: Item;
  readonly previous: Item | undefined;
  readonly isStored: boolean;
  readonly quoted: Message | undefined;
  readonly isFound: boolean;
}

/** A message or a note; above the first one of a day, its date. */
export const ItemRow = memo(function ItemRow({ item, previous, isStored, quoted, isFound }: ItemRowProps) {
  const day = dayOf(item.at);
  const isNewDay = item.at > 0 && day !== dayOf(previous?.at ?? 0);
  return (
    <>
      {isNewDay && (
        <div className="day">
          <span>{day}</span>
        </div>
      )}
      {item.kind === "note" ? (
        <p className="note">
          <span dir="auto">{item.text}</span>
        </p>
      ) : (
        <MessageRow
          message={item}
          previous={isNewDay ? undefined : previous}
          isStored={isStored}
          quoted={quoted}
          isFound={isFound}
        />
      )}
    </>
  );
});
