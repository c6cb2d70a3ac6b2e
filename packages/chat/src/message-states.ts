import { type MessageState, type RoomId, UNCHANGED } from "@hubbub/protocol";
import type { MessageStates, Store } from "@hubbub/store";

/** A message. `was`: the seqs that it had before, each lost with its epoch. */
export interface MovedMessage {
  readonly seq: number;
  readonly was?: readonly number[] | undefined;
}

/**
 * The stored states of these messages, by their present seqs. Until a moved message is stored, its stored changes are under
 * the seqs that it had before: its deletion may be stored before it.
 */
export async function readMessageStates(
  states: Store["events"]["states"],
  room: RoomId,
  messages: readonly MovedMessage[],
): Promise<MessageStates> {
  const seqsOf = ({ seq, was = [] }: MovedMessage): readonly number[] => [...was, seq];
  const found = await states(room, messages.flatMap(seqsOf));
  const known = messages.flatMap((message) => {
    const parts = seqsOf(message).flatMap((seq) => found.states.get(seq) ?? []);
    return parts.length === 0 ? [] : [[message.seq, parts.reduce(join)] as const];
  });
  return { states: new Map(known), head: found.head };
}

/** Of one message, whose log was lost more than once before it was stored. A reaction that was taken back under another seq stays. */
function join(one: MessageState, other: MessageState): MessageState {
  const replies = joinReplies(one.replies, other.replies);
  if (one.isDeleted || other.isDeleted) return { ...UNCHANGED, isDeleted: true, replies };
  const [older, newer] = (one.edited?.seq ?? 0) > (other.edited?.seq ?? 0) ? [other, one] : [one, other];
  const reactions = new Map(one.reactions);
  for (const [emoji, users] of other.reactions)
    reactions.set(emoji, new Set([...(reactions.get(emoji) ?? []), ...users]));
  return {
    text: newer.text,
    edited: newer.edited && { ...newer.edited, count: newer.edited.count + (older.edited?.count ?? 0) },
    isDeleted: false,
    isPinned: one.isPinned || other.isPinned,
    reactions,
    replies,
  };
}

function joinReplies(one: MessageState["replies"], other: MessageState["replies"]): MessageState["replies"] {
  if (one === undefined || other === undefined) return one ?? other;
  return { count: one.count + other.count, last: Math.max(one.last, other.last) };
}
