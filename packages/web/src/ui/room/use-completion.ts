import { type RefObject, useCallback, useEffect, useState } from "react";
import {
  type Candidate,
  type Completion,
  complete,
  completionAt,
  emojiCandidates,
  mentionCandidates,
} from "../../model/completion.ts";
import { loadCodes } from "../emoji/emoji-data.ts";
import { mayInRoom } from "../may-in-room.ts";
import { useTalk } from "../message/talk-context.ts";
import { useChat, useModel } from "../model.ts";

/** The last messages, whose authors are likely to be meant. */
const RECENT_MAX = 100;

export interface Offer {
  readonly candidates: readonly Candidate[];
  readonly active: number;
}

export interface Completing {
  /** undefined: nothing is offered. */
  readonly offer: Offer | undefined;
  /** Looks at the caret again. */
  look(): void;
  move(by: number): void;
  take(index?: number): void;
  close(): void;
}

interface Open {
  readonly completion: Completion;
  readonly active: number;
}

/** Names and emoji for what is typed at the caret. */
export function useCompletion(box: RefObject<HTMLTextAreaElement | null>): Completing {
  const [open, setOpen] = useState<Open>();
  const candidates = useCandidates(open?.completion);
  const close = useCallback((): void => setOpen(undefined), []);
  const look = useCallback((): void => {
    const { current } = box;
    const isOne = current !== null && current.selectionStart === current.selectionEnd;
    const completion = isOne ? completionAt(current.value, current.selectionStart) : undefined;
    setOpen((before) => completion && (isSame(before?.completion, completion) ? before : { completion, active: 0 }));
  }, [box]);
  const count = candidates.length;
  const active = Math.min(open?.active ?? 0, count - 1);
  const take = (index = active): void => {
    const candidate = candidates[index];
    if (open !== undefined && candidate !== undefined && box.current !== null)
      insert(box.current, open.completion, candidate);
    close();
  };
  const move = (by: number): void =>
    setOpen((before) => before && { ...before, active: (active + by + count) % count });
  return { offer: count === 0 ? undefined : { candidates, active }, look, move, take, close };
}

function isSame(before: Completion | undefined, { kind, query, from, to }: Completion): boolean {
  return before?.kind === kind && before.query === query && before.from === from && before.to === to;
}

/** The only way to type for somebody that "undo" takes back. The box hears of it as of any input. */
function insert(box: HTMLTextAreaElement, completion: Completion, candidate: Candidate): void {
  const { text, caret } = complete(box.value, completion, candidate);
  const behind = box.value.length - completion.to;
  box.focus();
  box.setSelectionRange(completion.from, completion.to);
  document.execCommand("insertText", false, text.slice(completion.from, text.length - behind));
  box.setSelectionRange(caret, caret);
}

const NONE: readonly Candidate[] = [];

function useCandidates(completion: Completion | undefined): readonly Candidate[] {
  const mentions = useMentions(completion?.kind === "mention");
  const codes = useCodes(completion?.kind === "emoji");
  if (completion === undefined) return NONE;
  const { kind, query } = completion;
  return kind === "mention" ? mentionCandidates(query, mentions()) : emojiCandidates(query, codes);
}

/** Loads the members of the room once the user begins a mention. */
function useMentions(isWanted: boolean) {
  const { app } = useModel();
  const { me, conversation } = useTalk();
  const { id, visibility } = conversation.room;
  const people = useChat((chat) => chat.people);
  const isKnown = people.room === id;
  useEffect(() => {
    if (isWanted && !isKnown) app.chat?.people.look(id);
  }, [app, id, isWanted, isKnown]);
  useEffect(() => () => void (visibility !== "direct" && app.chat?.people.leave(id)), [app, id, visibility]);
  return () => {
    const { room, talk } = conversation;
    const recent = talk.timeline.items
      .slice(-RECENT_MAX)
      .flatMap((item) => (item.kind === "message" ? item.event.by.id : []));
    return {
      members: isKnown ? people.members.map(({ user }) => user) : [],
      recent: [...new Set(recent.reverse())],
      me: me.id,
      mayMentionAll: mayInRoom(room, "mention-all"),
    };
  };
}

function useCodes(isWanted: boolean) {
  const [codes, setCodes] = useState<Awaited<ReturnType<typeof loadCodes>>>([]);
  useEffect(() => {
    if (isWanted && codes.length === 0) loadCodes().then(setCodes, reportError);
  }, [isWanted, codes.length]);
  return codes;
}
