import type { Room } from "@hubbub/protocol";
import { presenceOf, statusOf } from "../../model/people.ts";
import { seesReports } from "../../model/reports.ts";
import type { ChatState, Open } from "../../model/state.ts";
import { openSearch } from "../finders/open-search.ts";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";
import { leaveRoom, roomChoices } from "./room-choices.ts";

/** Name, topic and what can be done with the room. */
export function RoomHead({ open }: { open: Open }) {
  const { app } = useModel();
  const topic = useChat((chat) => topicOf(open.room, chat));
  const { room, stage } = open;
  return (
    <header className="talk-head">
      <IconButton
        id="back"
        className="back"
        icon="back"
        label="Back to the rooms"
        onClick={() => app.chat?.showNone()}
      />
      <div className="talk-title">
        <h2>
          {room !== undefined && <RoomIcon room={room} />}
          <span id="talk-name" dir="auto">
            {room?.name ?? "Room"}
          </span>
        </h2>
        <p id="talk-topic" dir="auto" title={topic}>
          {topic}
        </p>
      </div>
      {stage === "in" && room !== undefined && <RoomActions room={room} />}
    </header>
  );
}

export function RoomIcon({ room: { visibility } }: { room: Room }) {
  if (visibility === "direct") return null;
  return <Icon name={visibility === "private" ? "lock" : "hash"} />;
}

function RoomActions({ room }: { room: Room }) {
  const { app, shown } = useModel();
  const overlays = useOverlays();
  const place = { app, overlays, room };
  const conversation = app.chat?.conversation(room.id);
  const showPins = (): void => {
    const isOpen = conversation?.talk.panel?.kind === "pins";
    conversation?.panels.show(isOpen ? undefined : { kind: "pins" });
  };
  return (
    <div className="talk-actions">
      {seesReports(room.role) && <ReportsButton room={room} />}
      <IconButton
        id="search-open"
        icon="search"
        label="Search messages (Ctrl+F)"
        onClick={() => openSearch({ app, overlays, open: shown.chat.open })}
      />
      <IconButton
        id="members"
        icon="people"
        label="Members"
        onClick={() => overlays.openSheet({ kind: "members", room })}
      />
      <IconButton id="pins" icon="pin" label="Pinned messages" onClick={showPins} />
      {room.visibility !== "direct" && (
        <IconButton
          id="leave"
          icon="leave"
          label="Leave the room"
          onClick={() => void leaveRoom(place).catch(reportError)}
        />
      )}
      <IconButton
        id="room-menu"
        icon="more"
        label="More about this room"
        aria-haspopup="menu"
        onClick={({ currentTarget }) => overlays.openMenu(currentTarget, roomChoices(place))}
      />
    </div>
  );
}

function ReportsButton({ room }: { room: Room }) {
  const { app } = useModel();
  const count = useChat((chat) => chat.reports.waiting.get(room.id) ?? 0);
  return (
    <button
      type="button"
      id="reports"
      className={count > 0 ? "small danger" : "small quiet"}
      onClick={() => app.chat?.reports.open(room.id)}
    >
      <Icon name="flag" />
      {count === 0 ? "Reports" : `Reports (${count})`}
    </button>
  );
}

/** Of a direct room, how the others are. */
function topicOf(room: Room | undefined, { me, people }: ChatState): string {
  if (room?.visibility !== "direct" || people.room !== room.id) return room?.topic ?? "";
  const others = people.members.filter(({ user }) => user.id !== me.id);
  const words = others.map(({ user }) => {
    const person = people.persons.get(user.id);
    const presence = { here: "here", away: "away", gone: "not here" }[presenceOf(person)];
    const about = [presence, statusOf(person)].filter((word) => word !== "").join(" · ");
    return others.length === 1 ? about : `${user.username}: ${about}`;
  });
  return words.join(", ");
}
