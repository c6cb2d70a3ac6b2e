import type { PublicUser } from "@hubbub/protocol";
import { createContext, use } from "react";
import type { Conversation } from "../../model/conversation.ts";
import type { Message } from "../../model/timeline.ts";

/** What the rows of one room share. The same object for as long as the room is shown. */
export interface TalkParts {
  readonly me: PublicUser;
  readonly conversation: Conversation;
  /** Ids of long messages that are shown whole. */
  readonly expanded: Set<string>;
  reply(message: Message): void;
  edit(message: Message): void;
  openThread(root: number): void;
  /** The texts that a message has had. */
  openRevisions(message: Message): void;
  openPerson(user: PublicUser, anchor: HTMLElement): void;
  /** Brings a message on the screen. */
  jump(seq: number): void;
}

export const TalkContext = createContext<TalkParts | undefined>(undefined);

export function useTalk(): TalkParts {
  const parts = use(TalkContext);
  if (parts === undefined) throw new Error("a message stands outside of a room");
  return parts;
}

/** A second time takes the reaction back. */
export function react(conversation: Conversation, { seq, state }: Message, emoji: string): void {
  const isMine = state.reactions.get(emoji)?.has(conversation.me) === true;
  conversation.act((live) => live.react(seq, emoji, isMine ? { remove: true } : {}));
}
