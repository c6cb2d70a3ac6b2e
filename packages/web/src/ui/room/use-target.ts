import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Talk, Target } from "../../model/talk.ts";
import type { ItemRowProps } from "../message/item-row.tsx";
import { RowHold } from "./row-hold.ts";

const FOUND_MS = 1_500;
/** A room that is opened again is not scrolled to where somebody jumped in it before. */
const reached = new WeakSet<Target>();

interface TargetParts {
  readonly target: Talk["target"];
  readonly rows: readonly ItemRowProps[];
  readonly scroll: RefObject<HTMLElement | null>;
  readonly virtual: RefObject<VirtualizerHandle | null>;
  /** Above the rows, in pixels. */
  readonly head: number;
  stay(): void;
}

interface Found {
  /** The seq of the message that somebody jumped to, for as long as it is marked. */
  readonly found: number | undefined;
  /** To be called when rows were measured. */
  measured(): void;
}

/** Brings the message of the last jump into the middle. */
export function useTarget({ target, rows, scroll, virtual, head, stay }: TargetParts): Found {
  const [found, setFound] = useState<number>();
  const hold = useRef<RowHold>(undefined);
  const shown = useRef(rows);
  shown.current = rows;
  useLayoutEffect(() => {
    const { current } = scroll;
    if (current === null || target === undefined || reached.has(target)) return;
    const top = (): number | undefined => {
      const index = shown.current.findIndex(({ item }) => item.seq === target.seq);
      return index < 0 || virtual.current === null ? undefined : head + middleOf(virtual.current, index, current);
    };
    if (!rows.some(({ item }) => item.seq === target.seq)) return;
    reached.add(target);
    stay();
    hold.current?.end();
    hold.current = new RowHold({ scroll: current, top, isLaidOut: () => (virtual.current?.viewportSize ?? 0) > 0 });
    setFound(target.seq);
  }, [target, rows, scroll, virtual, head, stay]);
  useEffect(() => () => hold.current?.end(), []);
  useEffect(() => {
    if (found === undefined) return;
    const timer = setTimeout(() => setFound(undefined), FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return { found, measured: useCallback(() => hold.current?.measured(), []) };
}

/** The beginning of a row that is higher than the list stays in sight. */
function middleOf(list: VirtualizerHandle, index: number, { clientHeight }: HTMLElement): number {
  return list.getItemOffset(index) - Math.max(0, clientHeight - list.getItemSize(index)) / 2;
}
