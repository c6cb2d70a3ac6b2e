import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import { countdownOf } from "../../model/composer.ts";
import type { Conversation } from "../../model/conversation.ts";
import { type Message, textOf } from "../../model/timeline.ts";
import { useTalk } from "../message/talk-context.ts";
import { useModel } from "../model.ts";
import type { ComposerProps } from "./composer.tsx";

const utf8 = new TextEncoder();

/** Sends what is in the box, or changes the message that is edited. What cannot be sent stays in the box. */
export function useSubmit({ subject, setSubject, sent, canWrite }: ComposerProps, showDraft: () => void) {
  const { app } = useModel();
  const { conversation } = useTalk();
  const send = (text: string): boolean => {
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
  return (box: HTMLTextAreaElement): void => {
    const { value } = box;
    if (!canWrite) return;
    if (utf8.encode(value).length > TEXT_MAX_BYTES) {
      box.setCustomValidity(`A message has at most ${TEXT_MAX_BYTES} bytes.`);
      box.reportValidity();
      return;
    }
    const isDone = subject?.kind === "edit" ? change(conversation, subject.message, value) : send(value);
    if (!isDone) return;
    if (subject === undefined) showDraft();
    setSubject(undefined);
    box.focus();
  };
}

function change(conversation: Conversation, message: Message, text: string): boolean {
  if (text.trim() === "") return false;
  const baseSeq = message.state.edited?.seq ?? message.seq;
  if (text !== textOf(message)) conversation.act((live) => live.edit(message.seq, text, { baseSeq }));
  return true;
}
