import type { Room } from "@hubbub/protocol";
import { type ReactNode, useMemo } from "react";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { IconButton } from "../parts/icon-button.tsx";
import { RoomRow } from "./room-row.tsx";

/** The rooms there are: all of the user's own, then public ones. */
export function RoomList() {
  const { app } = useModel();
  const overlays = useOverlays();
  const { joined, others, hasMore, isLoading } = useChat((chat) => chat.lists);
  const search = useChat((chat) => chat.search);
  const open = useChat((chat) => chat.open?.id);
  const [rooms, directs] = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    const found = joined.filter(({ name }) => name.toLowerCase().includes(wanted));
    const isDirect = ({ visibility }: Room): boolean => visibility === "direct";
    return [found.filter((room) => !isDirect(room)), found.filter(isDirect)];
  }, [joined, search]);
  const rowOf = (room: Room) => <RoomRow key={room.id} room={room} isCurrent={room.id === open} />;
  const isEmpty = rooms.length + directs.length + others.length === 0;
  const empty = search === "" ? "No rooms here yet." : "No room of this name.";
  return (
    <div id="room-list" className="room-list">
      <Section
        title="Rooms"
        action={
          <IconButton
            id="create-open"
            icon="plus"
            label="New room"
            onClick={() => overlays.openSheet({ kind: "create" })}
          />
        }
      >
        {rooms.map(rowOf)}
        {isEmpty && <li className="side-hint">{isLoading ? "Loading…" : empty}</li>}
      </Section>
      {directs.length > 0 && <Section title="Direct messages">{directs.map(rowOf)}</Section>}
      {others.length > 0 && (
        <Section title="Public rooms">
          {others.map(rowOf)}
          {hasMore && (
            <li>
              <button type="button" className="side-row" onClick={() => app.chat?.more()}>
                More rooms
              </button>
            </li>
          )}
        </Section>
      )}
    </div>
  );
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="side-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {action}
      </header>
      <ul>{children}</ul>
    </section>
  );
}
