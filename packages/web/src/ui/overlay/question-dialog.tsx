import { AlertDialog } from "radix-ui";
import { useRef } from "react";
import { openerOf } from "./opener.ts";
import type { Question } from "./overlays.ts";
import { useOverlay } from "./use-overlays.ts";

/** Asks before something that cannot be taken back. */
export function QuestionHost() {
  const question = useOverlay((state) => state.question);
  return question === undefined ? null : <QuestionDialog question={question} />;
}

function QuestionDialog({ question: { text, action, kind, answer } }: { question: Question }) {
  const opener = useRef(openerOf());
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && answer(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim" />
        <AlertDialog.Content
          id="question"
          className="dialog question"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (document.activeElement === document.body) opener.current?.focus();
          }}
        >
          <AlertDialog.Title className="visually-hidden">{action}?</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <p>
              <span id="question-text" dir="auto">
                {text}
              </span>
            </p>
          </AlertDialog.Description>
          <div className="dialog-actions">
            <AlertDialog.Cancel className="button">Cancel</AlertDialog.Cancel>
            <AlertDialog.Action id="question-yes" className={`button ${kind}`} onClick={() => answer(true)}>
              {action}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
