import type { RoomId } from "@hubbub/protocol";
import { useEffect } from "react";
import type { App } from "../model/app.ts";
import { addressOf, roomOfAddress, seqOfAddress } from "./address.ts";
import { useChat, useModel } from "./model.ts";

/** The address names the open room, so that going back and links work. */
export function useAddress(open: RoomId | undefined): void {
  const { app } = useModel();
  const entered = useChat(({ open }) => (open?.stage === "in" ? open.id : undefined));
  useEffect(() => {
    if (open !== roomOfAddress()) history.pushState(null, "", addressOf(open));
  }, [open]);
  useEffect(() => {
    if (entered !== undefined) jump(app, entered);
    const changed = (): void => {
      const room = roomOfAddress();
      if (room === undefined) app.chat?.showNone();
      else app.chat?.show(room);
      if (room === entered && entered !== undefined) jump(app, entered);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, [app, entered]);
}

/** To the message that the address names. Afterwards it names the room only, so that the same link leads there again. */
function jump({ chat }: App, entered: RoomId): void {
  const seq = seqOfAddress();
  if (seq === undefined || roomOfAddress() !== entered) return;
  history.replaceState(null, "", addressOf(entered));
  chat?.conversation(entered)?.jump({ seq });
}
