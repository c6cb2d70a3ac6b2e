import type { Room } from "@hubbub/protocol";
import { type ShownText, textsOf } from "../../model/revisions.ts";
import type { Message } from "../../model/timeline.ts";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { clockOf, dayOf } from "../words.ts";

interface RevisionsProps {
  readonly room: Room;
  readonly message: Message;
  close(): void;
}

/** The texts that a message has had, the newest first. */
export function RevisionsSheet({ room, message: { seq, event }, close }: RevisionsProps) {
  const { app } = useModel();
  const [found] = useLoaded(async () => app.chat?.do((http) => http.messages.revisions(room.id, seq)));
  const { texts, lacking } = textsOf(found ?? [], room.settings?.keepRevisions !== false);
  return (
    <Dialog id="sheet" title={`Texts of a message by ${event.by.username}`} close={close}>
      {found === undefined && <p className="muted">Loading…</p>}
      <ol id="revisions" className="revisions">
        {texts.map((text) => (
          <Revision key={text.seq} {...text} />
        ))}
      </ol>
      {found !== undefined && <p className="muted">{lacking}</p>}
    </Dialog>
  );
}

function Revision({ at, text, place }: ShownText) {
  return (
    <li>
      <p className="muted">
        {place} · {dayOf(at)} {clockOf(at)}
      </p>
      <p className="revision-text" dir="auto">
        {text}
      </p>
    </li>
  );
}
