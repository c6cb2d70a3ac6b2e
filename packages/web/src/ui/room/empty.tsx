import type { Room } from "@hubbub/protocol";
import { mayInRoom } from "../may-in-room.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";

/** Where no room is open. */
export function NoRoom() {
  const overlays = useOverlays();
  return (
    <div className="nothing">
      <Icon name="thread" />
      <p>Choose a room, or make one.</p>
      <button type="button" className="primary" onClick={() => overlays.openSheet({ kind: "create" })}>
        New room
      </button>
    </div>
  );
}

/** Where nothing was said yet. */
export function EmptyRoom({ room }: { room: Room }) {
  const overlays = useOverlays();
  const mayInvite = room.visibility !== "direct" && mayInRoom(room, "invite");
  return (
    <div className="nothing said">
      <p>Nobody has written here yet.</p>
      {mayInvite && (
        <button type="button" onClick={() => overlays.openSheet({ kind: "invites", room })}>
          <Icon name="people" /> Invite people
        </button>
      )}
    </div>
  );
}
