import type { RoomId } from "@hubbub/protocol";
import type { Entry } from "../../model/switcher-entries.ts";
import { Avatar } from "../message/avatar.tsx";
import { useChat } from "../model.ts";
import { Icon } from "../parts/icon.tsx";
import { RoomIcon } from "../room/room-head.tsx";
import { Mentions, Unread } from "../side/counts.tsx";

interface EntryRowProps {
  readonly id: string;
  readonly entry: Entry;
  readonly isChosen: boolean;
  choose(): void;
}

/** One place that the switcher leads to. The field has the focus and its keys. */
export function EntryRow({ id, entry, isChosen, choose }: EntryRowProps) {
  const hint = useHint(entry);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field
    // biome-ignore lint/a11y/useFocusableInteractive: the field names it as the active one
    <div id={id} role="option" className="switcher-entry" aria-selected={isChosen} onClick={choose}>
      <EntryIcon entry={entry} />
      <span className="room-name" dir="auto">
        {entry.name}
      </span>
      {"room" in entry && <EntryNews room={entry.room.id} />}
      {hint !== "" && (
        <span className="hint" dir="auto">
          {hint}
        </span>
      )}
    </div>
  );
}

function EntryIcon({ entry }: { entry: Entry }) {
  if (entry.kind === "person") return <Avatar user={entry.user.id} name={entry.name} />;
  if (entry.kind === "message") return <Icon name="search" />;
  return entry.kind === "direct" ? <Avatar name={entry.name} /> : <RoomIcon room={entry.room} />;
}

function EntryNews({ room }: { room: RoomId }) {
  const status = useChat((chat) => chat.statuses.get(room));
  if (status === undefined || status.level === "nothing") return null;
  if (status.mentions > 0) return <Mentions count={status.mentions} />;
  return <Unread count={status.unread} isExact={status.isExact} />;
}

/** Where a message is, and what going to the others means. */
function useHint(entry: Entry): string {
  const { joined } = useChat((chat) => chat.lists);
  switch (entry.kind) {
    case "message": {
      const { room, by } = entry.message;
      return `${by} · ${joined.find(({ id }) => id === room)?.name ?? ""}`;
    }
    case "found":
      return "join";
    case "person":
      return "message";
    default:
      return "";
  }
}
