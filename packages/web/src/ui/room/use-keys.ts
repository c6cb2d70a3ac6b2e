import type { KeyboardEvent } from "react";
import { actOfKey, lastOwn } from "../../model/composer.ts";
import { pressMark } from "../mark-keys.ts";
import { useTalk } from "../message/talk-context.ts";
import type { ComposerProps } from "./composer.tsx";
import type { Completing } from "./use-completion.ts";

/** Where there is a keyboard Enter sends; on a screen keyboard it makes a line. */
const withKeyboard = matchMedia("(any-pointer: fine), (hover: hover)");

/** What the keys do in the box. */
export function useKeys({ subject, setSubject }: ComposerProps, completing: Completing) {
  const { conversation } = useTalk();
  return (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const { nativeEvent, currentTarget: box } = event;
    const act = actOfKey(nativeEvent, {
      text: box.value,
      subject: subject?.kind ?? "none",
      hasCandidates: completing.offer !== undefined,
      entersToSend: withKeyboard.matches,
    });
    if (act === "none") {
      if (!nativeEvent.isComposing) pressMark(nativeEvent, box);
      return;
    }
    const last = act === "edit-last" ? lastOwn(conversation.talk.timeline.items, conversation.me) : undefined;
    if (act === "edit-last" && last === undefined) return;
    event.preventDefault();
    if (act === "send") box.form?.requestSubmit();
    if (act === "cancel") setSubject(undefined);
    if (act === "take-candidate") completing.take();
    if (act === "next-candidate") completing.move(1);
    if (act === "previous-candidate") completing.move(-1);
    if (act === "close-candidates") completing.close();
    if (last !== undefined) setSubject({ kind: "edit", message: last });
  };
}
