import { type HubbubError, parseTask, type TaskCommand } from "@hubbub/client";
import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import { useEffect } from "react";
import { countdownOf } from "../../model/composer.ts";
import { explain } from "../../model/explain.ts";
import { textOf } from "../../model/timeline.ts";
import { useTalk } from "../message/talk-context.ts";
import { useModel } from "../model.ts";
import type { ComposerProps } from "./composer.tsx";
import type { Subject } from "./subject.ts";

const utf8 = new TextEncoder();
const CHANGED =
  "This message was changed meanwhile, perhaps in another browser of yours. Send your text again to replace that one.";

/** `/task stats` starts a task; what is no task is said like anything else. */
function taskOf(text: string): TaskCommand | undefined {
  return text.startsWith("/task ") ? parseTask(text.slice("/task ".length)) : undefined;
}

/** Sends what is in the box, or changes the message that is edited. What cannot be sent stays in the box. */
export function useSubmit({ talk, subject, setSubject, sent, canWrite }: ComposerProps, showDraft: () => void) {
  const { app } = useModel();
  const { conversation } = useTalk();
  const send = (text: string): boolean => {
    const task = taskOf(text);
    if (task !== undefined) return startTask(task);
    if (conversation.talk.uploads.some(({ file, error }) => file === undefined && error === "")) {
      app.chat?.notice("A file is still on its way. Send when it has arrived, or remove it.");
      return false;
    }
    const { text: wait } = countdownOf(conversation.talk.slow, Date.now());
    if (wait !== "") {
      app.chat?.notice(`${wait}. Send when it has passed.`);
      return false;
    }
    const files = conversation.uploads.take();
    if (text.trim() === "" && files.length === 0) return false;
    conversation.send(text, {
      ...(subject && { replyTo: subject.message.seq }),
      ...(files.length > 0 && { files }),
    });
    app.chat?.own.drafts.typed(conversation.room.id, "");
    sent();
    return true;
  };
  const startTask = (command: TaskCommand): boolean => {
    conversation.act((live) => live.startTask(command));
    app.chat?.own.drafts.typed(conversation.room.id, "");
    return true;
  };
  const change = useChange({ talk, subject, setSubject });
  return (box: HTMLTextAreaElement): void => {
    const { value } = box;
    if (!canWrite) return;
    if (utf8.encode(value).length > TEXT_MAX_BYTES) {
      box.setCustomValidity(`A message has at most ${TEXT_MAX_BYTES} bytes.`);
      box.reportValidity();
      return;
    }
    const isDone = subject?.kind === "edit" ? change(subject, value) : send(value);
    if (!isDone) return;
    if (subject === undefined) showDraft();
    setSubject(undefined);
    box.focus();
  };
}

/** Sends the new text of a message. What is refused comes back into the box of its room, once that is about nothing else. */
function useChange({
  talk: { refusedEdit },
  subject,
  setSubject,
}: Pick<ComposerProps, "talk" | "subject" | "setSubject">) {
  const { app } = useModel();
  const { conversation } = useTalk();
  useEffect(() => {
    if (refusedEdit === undefined) return;
    if (subject === undefined) setSubject({ kind: "edit", message: refusedEdit.message, refused: refusedEdit });
    else if (subject.refused === refusedEdit) conversation.editReturned();
  }, [conversation, refusedEdit, subject, setSubject]);
  return ({ message, refused }: Subject, text: string): boolean => {
    if (text.trim() === "") return false;
    if (refused === undefined && text === textOf(message)) return true;
    const baseSeq = refused?.baseSeq ?? message.state.edited?.seq ?? message.seq;
    const tell = (error: HubbubError | undefined): void => {
      if (error !== undefined) app.chat?.notice(error.code === "conflict" ? CHANGED : explain(error));
    };
    conversation.edit({ message, text, baseSeq }).then(tell).catch(reportError);
    return true;
  };
}
