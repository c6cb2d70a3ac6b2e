import { useEffect, useRef, useState } from "react";
import { type Item, textOf } from "../../model/timeline.ts";

/** Reads out what others say from now on. The list itself would also be read out when somebody scrolls. */
export function News({ items, me }: { items: readonly Item[]; me: string }) {
  const [news, setNews] = useState("");
  const last = items.at(-1);
  const told = useRef(last?.seq);
  useEffect(() => {
    if (last === undefined || last.seq === told.current) return;
    const isFirst = told.current === undefined;
    told.current = last.seq;
    if (!isFirst && last.kind === "message" && last.event.by.id !== me)
      setNews(`${last.event.by.username}: ${textOf(last)}`);
  }, [last, me]);
  return (
    <p className="visually-hidden" role="log" aria-label="News">
      {news}
    </p>
  );
}
