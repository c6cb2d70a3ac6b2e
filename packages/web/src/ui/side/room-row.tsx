import type { Room } from "@hubbub/protocol";
import { type MouseEvent, memo, useRef } from "react";
import type { SectionRow } from "../../model/sections.ts";
import { Avatar } from "../message/avatar.tsx";
import { useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon } from "../parts/icon.tsx";
import { IconButton } from "../parts/icon-button.tsx";
import { RoomIcon } from "../room/room-head.tsx";
import { Mentions, Unread } from "./counts.tsx";
import { rowChoices } from "./preference-choices.ts";

type RoomRowProps = Partial<SectionRow> & { readonly room: Room; readonly isCurrent: boolean };

export const RoomRow = memo(function RoomRow(props: RoomRowProps) {
  const { room, isCurrent, unread = 0, isExact = true, mentions = 0, isMuted = false } = props;
  const { app } = useModel();
  const { row, openMenu } = useRowMenu(room);
  const isJoined = room.role !== null;
  const hint = isJoined ? (room.settings?.archived ? "archived" : "") : "join";
  const state = `${unread + mentions > 0 ? " has-news" : ""}${isMuted ? " muted-room" : ""}`;
  return (
    <li className="side-item" onContextMenu={isJoined ? openMenu : undefined}>
      <button
        ref={row}
        type="button"
        className={`side-row${state}`}
        data-room={room.id}
        aria-current={isCurrent}
        onClick={() => (isJoined ? app.chat?.show(room.id) : app.chat?.join(room))}
      >
        <RoomIcon room={room} />
        {room.visibility === "direct" && <Avatar name={room.name} />}
        <span className="room-name" dir="auto">
          {room.name}
        </span>
        {hint !== "" && <span className="hint">{hint}</span>}
        {room.visibility === "private" && <span className="visually-hidden">private</span>}
        {isMuted && <Icon name="bell-off" />}
        {isMuted && <span className="visually-hidden">muted</span>}
        {mentions > 0 ? <Mentions count={mentions} /> : <Unread count={unread} isExact={isExact} />}
        {mentions > 0 && <span className="visually-hidden">{unread} new messages</span>}
      </button>
      {isJoined && (
        <IconButton
          className="row-menu"
          icon="more"
          label={`More about ${room.name}`}
          aria-haspopup="menu"
          onClick={openMenu}
        />
      )}
    </li>
  );
});

/** Opens at the row: by its button, a right click, or the key for that. */
function useRowMenu(room: Room) {
  const { app } = useModel();
  const overlays = useOverlays();
  const row = useRef<HTMLButtonElement>(null);
  const openMenu = (event: MouseEvent<HTMLElement>): void => {
    const rows = rowChoices({ app, room });
    if (row.current === null || rows.length === 0) return;
    event.preventDefault();
    overlays.openMenu(event.currentTarget instanceof HTMLButtonElement ? event.currentTarget : row.current, rows);
  };
  return { row, openMenu };
}
