import type { Talk } from "../../model/conversation.ts";
import { isInRoom } from "../../model/timeline.ts";
import { useTalk } from "../message/talk-context.ts";
import { Icon } from "../parts/icon.tsx";

interface NewestButtonProps {
  readonly talk: Talk;
  /** The last message before the first one that came while the end was out of sight. */
  readonly newsAfter: number | undefined;
  toEnd(): void;
}

/** Back to the end, where it is out of sight and something is new there. */
export function NewestButton({ talk, newsAfter, toEnd }: NewestButtonProps) {
  const { me, conversation } = useTalk();
  const { items, hasNewer } = talk.timeline;
  if (newsAfter === undefined && !hasNewer) return null;
  const shown =
    newsAfter === undefined
      ? []
      : items.filter((item) => item.seq > newsAfter && item.kind === "message" && isInRoom(item));
  const ofOthers = shown.filter((item) => item.kind === "message" && item.event.by.id !== me.id);
  const count = hasNewer ? talk.news : ofOthers.length;
  const label = count === 0 ? "Newest messages" : count === 1 ? "1 new message" : `${count} new messages`;
  const act = (): void => {
    conversation.toNewest();
    toEnd();
  };
  return (
    <button type="button" id="newest" className="newest" onClick={act}>
      {label} <Icon name="down" />
    </button>
  );
}
