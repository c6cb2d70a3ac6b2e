import { type DragEvent, type ReactNode, useState } from "react";
import type { Conversation } from "../../model/conversation.ts";
import type { Open } from "../../model/state.ts";
import { useModel } from "../model.ts";
import { addFiles } from "./add-files.ts";

interface DropTargetProps {
  readonly conversation: Conversation | undefined;
  readonly stage: Open["stage"] | "none";
  readonly children: ReactNode;
}

/** The conversation pane, which takes files that are dropped on it. */
export function DropTarget({ conversation, stage, children }: DropTargetProps) {
  const { app } = useModel();
  const [isOver, setOver] = useState(false);
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

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes("Files");
}
