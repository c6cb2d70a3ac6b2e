import { TEXT_MAX_BYTES } from "@hubbub/protocol";
import { type KeyboardEvent, useRef } from "react";
import type { Conversation, Talk } from "../../model/conversation.ts";
import { type Message, textOf } from "../../model/timeline.ts";
import { pressMark } from "../mark-keys.ts";
import { quoteOf } from "../message/quote.tsx";
import { useTalk } from "../message/talk-context.ts";
import { useModel } from "../model.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";
import { addFiles } from "./add-files.ts";
import type { Subject } from "./subject.ts";
import { UploadList } from "./upload-list.tsx";
import { useBox } from "./use-box.ts";

/** What a browser reports for a key that an input method takes. Safari tells it after the composition has ended. */
const KEY_OF_INPUT_METHOD = 229;
const utf8 = new TextEncoder();

export interface ComposerProps {
  readonly talk: Talk;
  readonly canWrite: boolean;
  readonly subject: Subject | undefined;
  setSubject(subject: Subject | undefined): void;
  /** An own message is on its way. */
  sent(): void;
}

/** The box. What is in it belongs to the room that is shown, and goes to no other. */
export function Composer(props: ComposerProps) {
  const { talk, canWrite, subject, setSubject } = props;
  const { app } = useModel();
  const { conversation } = useTalk();
  const { box, typed, showDraft } = useBox(props);
  const submit = useSubmit(props, showDraft);
  const add = (chosen: FileList | null): void => addFiles(app, conversation, chosen);
  return (
    <form
      id="compose"
      className={canWrite ? "compose" : "compose silent"}
      onSubmit={(event) => {
        event.preventDefault();
        if (box.current !== null) submit(box.current);
      }}
    >
      {subject !== undefined && <SubjectBar subject={subject} end={() => setSubject(undefined)} />}
      <UploadList uploads={talk.uploads} remove={(key) => conversation.uploads.remove(key)} />
      <div className="compose-row">
        <FileButton isDisabled={!canWrite} add={add} />
        <textarea
          ref={box}
          id="compose-text"
          dir="auto"
          rows={1}
          aria-label="Message"
          placeholder={`Message ${talk.room.name}`}
          enterKeyHint="send"
          disabled={!canWrite}
          onInput={typed}
          onKeyDown={(event) => press(event, props, conversation)}
          onPaste={(event) => {
            if (event.clipboardData.files.length === 0) return;
            event.preventDefault();
            add(event.clipboardData.files);
          }}
        />
        <button type="submit" className="send" aria-label="Send" disabled={!canWrite}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function FileButton({ isDisabled, add }: { isDisabled: boolean; add: (files: FileList | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const choose = (): void => input.current?.click();
  return (
    <>
      <input
        ref={input}
        id="files"
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          add(currentTarget.files);
          currentTarget.value = "";
        }}
      />
      <IconButton id="attach" icon="plus" label="Attach files" side="top" disabled={isDisabled} onClick={choose} />
    </>
  );
}

function SubjectBar({ subject, end }: { subject: Subject; end: () => void }) {
  return (
    <div id="subject" className="subject">
      <Icon name={subject.kind === "edit" ? "compose" : "reply"} />
      <span id="subject-text" dir="auto">
        {subject.kind === "edit" ? "Editing: " : "Reply to "}
        {quoteOf(subject.message)}
      </span>
      <IconButton id="subject-end" icon="close" label="Cancel" side="top" onClick={end} />
    </div>
  );
}

/** Enter sends, Shift+Enter makes a line; what an input method composes is left alone. */
function press(
  event: KeyboardEvent<HTMLTextAreaElement>,
  { subject, setSubject }: ComposerProps,
  conversation: Conversation,
): void {
  const { nativeEvent, currentTarget: box } = event;
  const isComposed = nativeEvent.isComposing || event.keyCode === KEY_OF_INPUT_METHOD;
  if (isComposed || pressMark(nativeEvent, box)) return;
  if (event.key === "Escape" && subject !== undefined) setSubject(undefined);
  if (event.key === "ArrowUp" && box.value === "" && subject === undefined) {
    const last = lastOwn(conversation);
    if (last !== undefined) {
      event.preventDefault();
      setSubject({ kind: "edit", message: last });
    }
  }
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  box.form?.requestSubmit();
}

function lastOwn({ me, talk }: Conversation): Message | undefined {
  const isOwn = (message: Message): boolean => message.event.by.id === me && !message.state.isDeleted;
  const last = talk.timeline.items.findLast((item) => item.kind === "message" && isOwn(item));
  return last?.kind === "message" ? last : undefined;
}

function useSubmit({ subject, setSubject, sent, canWrite }: ComposerProps, showDraft: () => void) {
  const { app } = useModel();
  const { conversation } = useTalk();
  const send = (text: string): boolean => {
    if (conversation.talk.uploads.some(({ file, error }) => file === undefined && error === "")) {
      app.chat?.notice("A file is still on its way. Send when it has arrived, or remove it.");
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
