import { useRef } from "react";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";
import { Announcement } from "./announcement.tsx";
import { RoomList } from "./room-list.tsx";
import { UserCard } from "./user-card.tsx";

/** Beside the conversation: everything there is to open. */
export function SideBar() {
  const { app } = useModel();
  const overlays = useOverlays();
  const news = useChat(({ threads }) => threads?.filter(({ unread }) => unread > 0).length ?? 0);
  const invitations = useChat((chat) => chat.invitations.length);
  return (
    <nav className="side" aria-label="Rooms">
      <header className="side-head">
        <h1>
          <img src="./icon.svg" alt="" width="20" height="20" /> Hubbub
        </h1>
        <IconButton
          id="switcher-open"
          className="end"
          icon="search"
          label="Go to… (Ctrl+K)"
          onClick={() => app.chat?.own.finders.switcher.open()}
        />
        <IconButton
          id="new-direct"
          icon="compose"
          label="New message"
          onClick={() => overlays.openSheet({ kind: "direct" })}
        />
      </header>
      <Announcement />
      <RoomSearch />
      <div className="side-links">
        <button
          type="button"
          id="threads"
          className={news > 0 ? "side-row has-news" : "side-row"}
          onClick={() => overlays.openSheet({ kind: "threads" })}
        >
          <Icon name="thread" /> <span className="room-name">Threads</span>
          {news > 0 && (
            <span className="count">
              {news} <span className="visually-hidden">with new replies</span>
            </span>
          )}
        </button>
        {invitations > 0 && (
          <button
            type="button"
            id="invitations"
            className="side-row has-news"
            onClick={() => overlays.openSheet({ kind: "invitations" })}
          >
            <Icon name="mail" /> Invitations ({invitations})
          </button>
        )}
      </div>
      <RoomList />
      <UserCard />
    </nav>
  );
}

const SEARCH_PAUSE_MS = 200;

function RoomSearch() {
  const { app } = useModel();
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  return (
    <div className="search">
      <Icon name="search" />
      <input
        id="room-search"
        type="search"
        dir="auto"
        placeholder="Find a room"
        aria-label="Find a room"
        maxLength={64}
        onChange={({ target: { value } }) => {
          clearTimeout(pause.current);
          pause.current = setTimeout(() => app.chat?.search(value), SEARCH_PAUSE_MS);
        }}
      />
    </div>
  );
}
