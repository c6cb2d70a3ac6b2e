import type { MessageEvent } from "@hubbub/client";
import type { MessageState, UserId } from "@hubbub/protocol";
import { type Message, toItem } from "./timeline.ts";

/** A message as plain data, with nothing in it that its author has changed or deleted since. */
export interface KeptMessage {
  readonly event: MessageEvent;
  readonly state: Omit<MessageState, "reactions"> & {
    readonly reactions: readonly (readonly [string, readonly UserId[]])[];
  };
}

export function toKept({ event, state }: Message): KeptMessage {
  const reactions = [...state.reactions].map(([emoji, users]) => [emoji, [...users]] as const);
  const { files, mentions, ...rest } = event;
  const present = state.isDeleted ? { ...rest, text: "" } : { ...event, text: state.text ?? event.text };
  return { event: present, state: { ...state, reactions } };
}

export function fromKept({ event, state }: KeptMessage): Message {
  const reactions = new Map(state.reactions.map(([emoji, users]) => [emoji, new Set(users)]));
  return toItem({
    event,
    state: { ...state, text: state.text, edited: state.edited, replies: state.replies, reactions },
  });
}
