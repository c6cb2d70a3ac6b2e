import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { textOf } from "../../model/timeline.ts";
import { fitHeight } from "../fit-height.ts";
import { useTalk } from "../message/talk-context.ts";
import { useChat, useModel } from "../model.ts";
import type { ComposerProps } from "./composer.tsx";
import type { Subject } from "./subject.ts";

export interface Box {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  /** Something was typed. */
  typed(): void;
  showDraft(): void;
}

/** What is in the box: the draft of the room, or the message that is edited. */
export function useBox({ canWrite, subject }: ComposerProps): Box {
  const { app } = useModel();
  const { conversation } = useTalk();
  const { id: room } = conversation.room;
  const box = useRef<HTMLTextAreaElement>(null);
  const show = useCallback((text: string): void => {
    if (box.current === null) return;
    box.current.value = text;
    box.current.setCustomValidity("");
    fitHeight(box.current);
  }, []);
  const showDraft = useCallback(() => show(app.chat?.words.draft(room) ?? ""), [app, room, show]);
  useLayoutEffect(showDraft, [showDraft]);
  useSubject(subject, { box, show, showDraft });
  useTaken(room, subject, showDraft);
  const canWriteAtFirst = useRef(canWrite);
  useEffect(() => {
    if (canWriteAtFirst.current) box.current?.focus();
  }, []);
  const typed = (): void => {
    if (box.current === null) return;
    const { value } = box.current;
    box.current.setCustomValidity("");
    fitHeight(box.current);
    if (value !== "") conversation.typed();
    if (subject?.kind !== "edit") app.chat?.own.drafts.typed(room, value);
  };
  return { box, typed, showDraft };
}

interface Shows {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  show(text: string): void;
  showDraft(): void;
}

/** An edit takes the box for itself; afterwards the draft is there again. A reply leaves it. */
function useSubject(subject: Subject | undefined, { box, show, showDraft }: Shows): void {
  const before = useRef(subject);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = subject;
    if (was === subject) return;
    if (subject?.kind === "edit") show(subject.refused?.text ?? textOf(subject.message));
    else if (was?.kind === "edit" || subject === undefined) showDraft();
    if (subject !== undefined) box.current?.focus();
  }, [box, subject, show, showDraft]);
}

/** What was typed in another browser comes into the box. */
function useTaken(
  room: ComposerProps["talk"]["room"]["id"],
  subject: Subject | undefined,
  showDraft: () => void,
): void {
  const taken = useChat((chat) => chat.drafts.get(room));
  const before = useRef(taken);
  useEffect(() => {
    if (before.current !== taken && subject?.kind !== "edit") showDraft();
    before.current = taken;
  }, [taken, subject, showDraft]);
}
