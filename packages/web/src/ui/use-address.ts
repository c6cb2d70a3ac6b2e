import type { RoomId } from "@hubbub/protocol";
import { useEffect } from "react";
import { addressOf, roomOfAddress } from "./address.ts";
import { useModel } from "./model.ts";

/** The address names the open room, so that going back and links work. */
export function useAddress(open: RoomId | undefined): void {
  const { app } = useModel();
  useEffect(() => {
    if (open !== roomOfAddress()) history.pushState(null, "", addressOf(open));
  }, [open]);
  useEffect(() => {
    const changed = (): void => {
      const room = roomOfAddress();
      if (room === undefined) app.chat?.showNone();
      else app.chat?.show(room);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, [app]);
}
