import { createContext, use, useSyncExternalStore } from "react";
import type { OverlayState, Overlays } from "./overlays.ts";

export const OverlayContext = createContext<Overlays | undefined>(undefined);

/** To open menus, sheets and questions. */
export function useOverlays(): Overlays {
  const overlays = use(OverlayContext);
  if (overlays === undefined) throw new Error("a component stands outside of the chat");
  return overlays;
}

export function useOverlay<Part>(select: (state: OverlayState) => Part): Part {
  const overlays = useOverlays();
  return useSyncExternalStore(overlays.subscribe, () => select(overlays.state));
}
