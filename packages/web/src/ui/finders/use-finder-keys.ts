import { useEffect } from "react";
import { useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { openSearch } from "./open-search.ts";

/** Ctrl+K or Cmd+K goes somewhere, Ctrl+F or Cmd+F searches messages: the browser sees only those near the screen. */
export function useFinderKeys(): void {
  const { app, shown } = useModel();
  const overlays = useOverlays();
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isCommand || event.defaultPrevented) return;
      const key = event.key.toLowerCase();
      const switcher = app.chat?.own.finders.switcher;
      if (key === "k") {
        event.preventDefault();
        if (switcher?.state === undefined) switcher?.open();
        else switcher.close();
        shown.showNow();
      }
      // In a dialog, and on the second time, it is the browser's own search.
      const isOwn = document.querySelector("[role=dialog]") === null && document.activeElement?.id !== "search-query";
      if (key === "f" && isOwn) {
        event.preventDefault();
        openSearch({ app, overlays, open: shown.chat.open });
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [app, shown, overlays]);
}
