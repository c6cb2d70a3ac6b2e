import type { AuditEntry, Room } from "@hubbub/protocol";
import { useEffect, useState } from "react";
import { auditWords } from "../../model/audit-words.ts";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { Act } from "../parts/part.tsx";
import { clockOf, dayOf } from "../words.ts";

interface Shown {
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins. */
  readonly cursor: string | undefined;
}

/** Who did what in a room, the newest first, for those who may read it. */
export function AuditSheet({ room, close }: { room: Room; close: () => void }) {
  const { app } = useModel();
  const [shown, setShown] = useState<Shown>();
  const more = async (cursor?: string): Promise<void> => {
    const page = await app.chat?.do((http) => http.moderation.audit(room.id, { cursor }));
    if (page === undefined) return;
    setShown((before) => ({ entries: [...(before?.entries ?? []), ...page.entries], cursor: page.cursor }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first page is read once
  useEffect(() => void more().catch(reportError), []);
  const { entries = [], cursor } = shown ?? {};
  const hint = shown === undefined ? "Loading…" : entries.length === 0 ? "Nothing was done yet." : "";
  return (
    <Dialog id="sheet" title={`What was done in ${room.name}`} isWide close={close}>
      <ol id="audit" className="audit-list">
        {entries.map((entry) => (
          <li key={entry.id}>
            <p dir="auto">{auditWords(entry)}</p>
            <p className="muted" dir="auto">
              {dayOf(entry.at)} {clockOf(entry.at)} {entry.note === undefined ? "" : `“${entry.note}”`}
            </p>
          </li>
        ))}
      </ol>
      <p className="muted">{hint}</p>
      {cursor !== undefined && <Act label="Show earlier ones" work={() => more(cursor)} />}
    </Dialog>
  );
}
