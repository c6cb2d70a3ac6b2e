import { type ReactNode, useEffect, useState } from "react";
import type { Conversation } from "../../model/conversation.ts";
import type { Open } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { addFiles } from "./add-files.ts";

interface DropTargetProps {
  /** undefined: nothing can be written there. */
  readonly conversation: Conversation | undefined;
  readonly stage: Open["stage"] | "none";
  readonly children: ReactNode;
}

/** The conversation pane, which takes files that are dropped on it. Nothing else of the page does. */
export function DropTarget({ conversation, stage, children }: DropTargetProps) {
  const { app } = useModel();
  const [isOver, setOver] = useState(false);
  useEffect(refuseElsewhere, []);
  return (
    <main
      id="talk"
      className={isOver ? "talk dropping" : "talk"}
      data-stage={stage}
      aria-label="Conversation"
      onDragOver={(event) => {
        if (!hasFiles(event) || conversation === undefined) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        addFiles(app, conversation, event.dataTransfer.files);
      }}
    >
      {children}
    </main>
  );
}

/** The browser would open a file that is dropped elsewhere in place of the page. */
function refuseElsewhere(): () => void {
  const refuse = (event: DragEvent): void => {
    if (event.defaultPrevented || event.dataTransfer === null || !hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  };
  for (const name of ["dragover", "drop"] as const) addEventListener(name, refuse);
  return () => {
    for (const name of ["dragover", "drop"] as const) removeEventListener(name, refuse);
  };
}

function hasFiles({ dataTransfer }: Pick<DragEvent, "dataTransfer">): boolean {
  return dataTransfer?.types.includes("Files") === true;
}
