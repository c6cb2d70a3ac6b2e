import type { Member, Room } from "@hubbub/protocol";
import { useEffect } from "react";
import { presenceOf, statusOf } from "../../model/people.ts";
import { mayInRoom } from "../may-in-room.ts";
import { Avatar, DisplayName } from "../message/avatar.tsx";
import { useChat, useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { hueOf } from "../words.ts";
import { BansPart } from "./bans-part.tsx";
import { openPersonMenu } from "./person-menu.ts";

const PRESENCE = { here: "here", away: "away", gone: "not here" } as const;

/** Who is in the open room, with roles, presence and what may be done with each. */
export function MembersSheet({ room: opened, close }: { room: Room; close: () => void }) {
  const { app } = useModel();
  const people = useChat((chat) => chat.people);
  const current = useChat((chat) => chat.open?.room);
  const room = current?.id === opened.id ? current : opened;
  const { id, visibility } = opened;
  useEffect(() => {
    app.chat?.people.look(id);
    return () => {
      if (visibility !== "direct") app.chat?.people.leave(id);
    };
  }, [app, id, visibility]);
  const isKnown = people.room === id && people.members.length > 0;
  return (
    <Dialog id="sheet" title={`Members of ${room.name}`} close={close}>
      <ul className="sheet-list">
        {!isKnown && <li className="muted">Loading…</li>}
        {isKnown && people.members.map((member) => <MemberRow key={member.user.id} member={member} room={room} />)}
        {isKnown && people.hasMore && <li className="muted">More members are not shown.</li>}
      </ul>
      {visibility !== "direct" && mayInRoom(room, "ban") && <BansPart room={room} />}
    </Dialog>
  );
}

function MemberRow({ member: { user, role }, room }: { member: Member; room: Room }) {
  const { app } = useModel();
  const overlays = useOverlays();
  const person = useChat((chat) => chat.people.persons.get(user.id));
  const isSelf = useChat((chat) => chat.me.id === user.id);
  const presence = presenceOf(person);
  const words = [isSelf ? "you" : "", role === "member" ? "" : role].filter((word) => word !== "").join(", ");
  const changed = (): void => app.chat?.people.refresh();
  return (
    <li className="member">
      <Avatar user={user.id} name={user.username} />
      <span className={`presence ${presence}`} title={PRESENCE[presence]}>
        <span className="visually-hidden">{PRESENCE[presence]}</span>
      </span>
      <span className={`member-name ${hueOf(user.username)}`} dir="auto">
        {user.username}
      </span>
      <DisplayName user={user.id} />
      {words !== "" && <span className="badge">{words}</span>}
      <span className="member-status muted" dir="auto">
        {statusOf(person)}
      </span>
      {!isSelf && (
        <button
          type="button"
          className="icon-button"
          aria-label={`What to do with ${user.username}`}
          aria-haspopup="menu"
          onClick={({ currentTarget }) => openPersonMenu(user, role, currentTarget, { app, overlays, room, changed })}
        >
          <Icon name="more" />
        </button>
      )}
    </li>
  );
}
