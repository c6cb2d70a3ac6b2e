import { allows, type RoomId, type Standing } from "@hubbub/protocol";
import { isUnavailable, type Members } from "@hubbub/store";

/** `@room` or `@here`, and some texts that only resemble them: the parser of mentions decides. */
const MENTION_OF_ALL = /@(?:room|here)\b/i;

function mayMentionAll(text: string): boolean {
  return text.includes("@") && MENTION_OF_ALL.test(text);
}

interface Message {
  readonly text: string;
  readonly thread?: number | undefined;
  readonly replyTo?: number | undefined;
}

/** Whether nothing has to be looked up for a message but its author. Asked of every message, so it costs nothing. */
export function isPlain({ text, thread, replyTo }: Message): boolean {
  return (thread ?? replyTo) === undefined && !mayMentionAll(text);
}

export interface MentionAllBound {
  readonly store: { readonly members: Pick<Members, "exceed"> };
  /** Members of the largest room in which `@room` and `@here` mention somebody. 0: there is no largest one. */
  readonly mentionAllMaxMembers: number;
}

/**
 * The standing with which a message is encoded: it says whether the room is too large for `@room` and `@here`. Members are
 * counted only for a text that has one of them and an author who may use it. While the store is away nobody waits for the
 * count: a limit of noise must not stop a message.
 */
export async function countedStanding(
  { store, mentionAllMaxMembers: max }: MentionAllBound,
  room: RoomId,
  text: string,
  standing: Standing,
): Promise<Standing> {
  if (max === 0 || !mayMentionAll(text) || !allows(standing, "mention-all")) return standing;
  try {
    return (await store.members.exceed(room, max)) ? { ...standing, isCrowd: true } : standing;
  } catch (error) {
    if (isUnavailable(error)) return standing;
    throw error;
  }
}
