import { type RefObject, useLayoutEffect, useReducer, useRef } from "react";
import type { ItemRowProps } from "../message/item-row.tsx";

type Rows = readonly ItemRowProps[];

export interface SteadyRows {
  readonly rows: Rows;
  /** Rows came or went at the start: the list keeps its place from the end then. */
  readonly isShifted: boolean;
  /** Another one: the window stands elsewhere, and nothing that was measured holds. */
  readonly window: number;
}

/**
 * The list keeps its place when rows come or go at one end. Where both ends have moved, the change is shown in two steps,
 * between which nothing is painted.
 */
export function useSteadyRows(rows: Rows, scroll: RefObject<HTMLElement | null>): SteadyRows {
  const shown = useRef<SteadyRows>({ rows, isShifted: false, window: 0 });
  const [, again] = useReducer((count: number) => count + 1, 0);
  const next = stepTo(rows, shown.current);
  useLayoutEffect(() => {
    shown.current = next;
    // The list has jumped to its place. It must know that before it measures the new rows, and the event would be later.
    if (next.isShifted) queueMicrotask(() => scroll.current?.dispatchEvent(new Event("scroll")));
    if (next.rows !== rows) again();
  });
  return next;
}

export function stepTo(rows: Rows, { rows: before, window }: SteadyRows): SteadyRows {
  const [first, last] = endsOf(rows);
  const [firstBefore, lastBefore] = endsOf(before);
  if (rows.length === 0 || before.length === 0) return { rows, isShifted: false, window };
  if (first > lastBefore || last < firstBefore) return { rows, isShifted: false, window: window + 1 };
  const isShifted = first !== firstBefore;
  if (!isShifted || last === lastBefore) return { rows, isShifted, window };
  const isLonger = first < firstBefore && last > lastBefore;
  const from = isLonger ? first : Math.max(first, firstBefore);
  const common = rows.filter(({ item: { seq } }) => seq >= from && seq <= lastBefore);
  if (common.length === 0) return { rows, isShifted: false, window: window + 1 };
  const step = common.length === rows.length ? rows : common;
  return { rows: step, isShifted: step[0]?.item.seq !== firstBefore, window };
}

function endsOf(rows: Rows): [number, number] {
  return [rows[0]?.item.seq ?? 0, rows.at(-1)?.item.seq ?? 0];
}
