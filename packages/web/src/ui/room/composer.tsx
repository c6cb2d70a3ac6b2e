import type { ClipboardEvent, Dispatch, RefObject, SetStateAction } from "react";
import type { Talk } from "../../model/conversation.ts";
import { quoteOf } from "../message/quote.tsx";
import { useTalk } from "../message/talk-context.ts";
import { useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";
import { addFiles } from "./add-files.ts";
import { CANDIDATES_ID, Candidates, candidateId } from "./candidates.tsx";
import { FileButtons } from "./file-buttons.tsx";
import type { Subject } from "./subject.ts";
import { UploadList } from "./upload-list.tsx";
import { useBox } from "./use-box.ts";
import { useCompletion } from "./use-completion.ts";
import { useKeys } from "./use-keys.ts";
import { useSubmit } from "./use-submit.ts";

export interface ComposerProps {
  readonly talk: Talk;
  readonly canWrite: boolean;
  readonly subject: Subject | undefined;
  readonly setSubject: Dispatch<SetStateAction<Subject | undefined>>;
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
  const completing = useCompletion(box);
  const { offer, look } = completing;
  const press = useKeys(props, completing);
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
      {offer !== undefined && <Candidates offer={offer} take={completing.take} />}
      <div className="compose-row">
        <FileButtons isDisabled={!canWrite} add={add} />
        <textarea
          ref={box}
          id="compose-text"
          dir="auto"
          rows={1}
          aria-label="Message"
          aria-autocomplete="list"
          aria-controls={offer && CANDIDATES_ID}
          aria-activedescendant={offer && candidateId(offer.active)}
          placeholder={`Message ${talk.room.name}`}
          enterKeyHint="send"
          disabled={!canWrite}
          onInput={() => {
            typed();
            look();
          }}
          // Only what is typed opens an offer.
          onSelect={() => offer !== undefined && look()}
          onBlur={completing.close}
          onKeyDown={press}
          onPaste={(event) => paste(event, add)}
        />
        <EmojiButton isDisabled={!canWrite} box={box} />
        <button type="submit" className="send" aria-label="Send" disabled={!canWrite}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** Files that are pasted are added; a text is pasted as the browser does it. */
function paste(event: ClipboardEvent, add: (files: FileList) => void): void {
  const { files } = event.clipboardData;
  if (files.length === 0) return;
  event.preventDefault();
  add(files);
}

/** What is chosen stands at the caret, as if it was typed. */
function EmojiButton({ isDisabled, box }: { isDisabled: boolean; box: RefObject<HTMLTextAreaElement | null> }) {
  const overlays = useOverlays();
  const put = (emoji: string): void => {
    box.current?.focus();
    document.execCommand("insertText", false, emoji);
  };
  return (
    <IconButton
      id="emoji-open"
      icon="smile"
      label="Emoji"
      side="top"
      disabled={isDisabled}
      onClick={({ currentTarget }) => overlays.openEmoji(currentTarget, put)}
    />
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
