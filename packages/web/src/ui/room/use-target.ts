import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Talk, Target } from "../../model/talk.ts";
import type { ItemRowProps } from "../message/item-row.tsx";

const FOUND_MS = 1_500;
/** A room that is opened again is not scrolled to where somebody jumped in it before. */
const reached = new WeakSet<Target>();

interface TargetParts {
  readonly target: Talk["target"];
  readonly rows: readonly ItemRowProps[];
  readonly virtual: RefObject<VirtualizerHandle | null>;
  stay(): void;
}

/** Scrolls to the message of the last jump. Answers its seq for as long as it is marked. */
export function useTarget({ target, rows, virtual, stay }: TargetParts): number | undefined {
  const [found, setFound] = useState<number>();
  useLayoutEffect(() => {
    if (target === undefined || reached.has(target)) return;
    const index = rows.findIndex(({ item }) => item.seq === target.seq);
    if (index < 0) return;
    reached.add(target);
    stay();
    virtual.current?.scrollToIndex(index, { align: "center" });
    setFound(target.seq);
  }, [target, rows, virtual, stay]);
  useEffect(() => {
    if (found === undefined) return;
    const timer = setTimeout(() => setFound(undefined), FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return found;
}
