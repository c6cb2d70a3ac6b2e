import { memo } from "react";
import type { Draft } from "../../model/timeline.ts";
import { Avatar } from "./avatar.tsx";
import { FileName } from "./files.tsx";
import { useTalk } from "./talk-context.ts";
import { Text } from "./text.tsx";

/** An own message that is on its way, or was refused. */
export const DraftRow = memo(function DraftRow({ draft: { id, text, error, files = [] } }: { draft: Draft }) {
  const { me, conversation, expanded } = useTalk();
  return (
    <article className={error === undefined ? "item draft first" : "item draft first failed"} aria-label={me.username}>
      <header className="item-head">
        <span className="who">
          <Avatar user={me.id} name={me.username} />
          {me.username}
        </span>
      </header>
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
