import type { ElementType, ReactNode } from "react";

interface RemoveScrollProps {
  readonly as?: ElementType;
  readonly children: ReactNode;
}

/**
 * Stands for the package react-remove-scroll, which adds a style element to the page. Its policy forbids that, and the
 * document never scrolls.
 */
export function RemoveScroll({ as: As, children }: RemoveScrollProps) {
  return As === undefined ? children : <As>{children}</As>;
}
