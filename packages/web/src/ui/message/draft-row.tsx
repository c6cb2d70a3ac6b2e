import { memo } from "react";
import type { Draft } from "../../model/timeline.ts";
import { hueOf } from "../words.ts";
import { Avatar } from "./avatar.tsx";
import { FileName } from "./files.tsx";
import { useTalk } from "./talk-context.ts";
import { Text } from "./text.tsx";

interface DraftRowProps {
  readonly draft: Draft;
  readonly startsGroup: boolean;
}

/** An own message that is on its way, or was refused. It stands where it will stand when it has arrived. */
export const DraftRow = memo(function DraftRow({ draft, startsGroup }: DraftRowProps) {
  const { me, conversation, expanded } = useTalk();
  const { id, text, error, replyTo, files = [] } = draft;
  const isFirst = startsGroup || replyTo !== undefined;
  const classes = ["item draft", isFirst && "first", error !== undefined && "failed"];
  return (
    <article className={classes.filter(Boolean).join(" ")} aria-label={me.username}>
      {isFirst && (
        <header className="item-head">
          <span className={`who ${hueOf(me.username)}`}>
            <Avatar user={me.id} name={me.username} />
            {me.username}
          </span>
        </header>
      )}
      <Text id={id} text={text} expanded={expanded}>
        {error === undefined && <span className="marks">sending…</span>}
      </Text>
      {files.map(({ id: file, name }) => (
        <FileName key={file} name={name} />
      ))}
      {error !== undefined && (
        <div className="refusal">
          <span className="mark">not sent: {error}</span>
          <button type="button" className="small" onClick={() => conversation.resend(id)}>
            Send again
          </button>
          <button type="button" className="small quiet" onClick={() => conversation.discard(id)}>
            Discard
          </button>
        </div>
      )}
    </article>
  );
});
