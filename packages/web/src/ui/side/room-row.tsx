import type { Room } from "@hubbub/protocol";
import { memo } from "react";
import { Avatar } from "../message/avatar.tsx";
import { useChat, useModel } from "../model.ts";
import { RoomIcon } from "../room/room-head.tsx";

export const RoomRow = memo(function RoomRow({ room, isCurrent }: { room: Room; isCurrent: boolean }) {
  const { app } = useModel();
  const unread = useChat((chat) => chat.talks.get(room.id)?.unread ?? 0);
  const isJoined = room.role !== null;
  const hint = isJoined ? (room.settings?.archived ? "archived" : "") : "join";
  return (
    <li>
      <button
        type="button"
        className={unread > 0 ? "side-row has-news" : "side-row"}
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
        {unread > 0 && (
          <span className="count">
            {unread} <span className="visually-hidden">new messages</span>
          </span>
        )}
      </button>
    </li>
  );
});
