import { Dialog } from "radix-ui";
import { useRef } from "react";
import type { Entry } from "../../model/switcher-entries.ts";
import { useChat, useModel } from "../model.ts";
import { openerOf } from "../overlay/opener.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { SwitcherBox } from "./switcher-box.tsx";
import { useFinderKeys } from "./use-finder-keys.ts";

/** Goes to a room, a person or a message by a few letters. */
export function SwitcherHost() {
  const isOpen = useChat((chat) => chat.switcher !== undefined);
  useFinderKeys();
  return isOpen ? <SwitcherDialog /> : null;
}

function SwitcherDialog() {
  const { app } = useModel();
  const overlays = useOverlays();
  const opener = useRef(openerOf());
  const switcher = app.chat?.own.finders.switcher;
  const go = (key?: string): void => {
    const entry = switcher?.choose(key);
    if (entry === undefined) return;
    opener.current = undefined;
    overlays.closeSheet();
    open(entry);
  };
  const open = (entry: Entry): void => {
    if (entry.kind === "person") app.chat?.message([entry.user.username]).catch(reportError);
    else if (entry.kind === "message") app.chat?.showMessage(entry.message.room, entry.message.seq);
    else app.chat?.show(entry.room.id);
  };
  return (
    <Dialog.Root open onOpenChange={(isShown) => !isShown && switcher?.close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          id="switcher"
          className="dialog switcher"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            (opener.current ?? document.getElementById("compose-text"))?.focus();
          }}
        >
          <Dialog.Title className="visually-hidden">Go to a room, a person or a message</Dialog.Title>
          <SwitcherBox go={go} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
