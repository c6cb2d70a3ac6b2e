import type { Room } from "@hubbub/protocol";
import { type KeyboardEvent, useState } from "react";
import { DEFAULT_CHOICE, type Section, toggled } from "../../model/sections.ts";
import { useChat, useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { IconButton } from "../parts/icon-button.tsx";
import { RoomRow } from "./room-row.tsx";
import { SideSection } from "./side-section.tsx";
import { useSections } from "./use-sections.ts";

const TITLES: Readonly<Record<Section["id"], string>> = {
  starred: "Starred",
  rooms: "Rooms",
  direct: "Direct messages",
  archived: "Archived",
};
const NO_ROOMS: Section = { id: "rooms", rows: [], unread: 0, mentions: 0, isCollapsed: false };

/** The rooms there are: all of the user's own in their sections, then public ones. */
export function RoomList() {
  const { app } = useModel();
  const { others, hasMore, isLoading } = useChat((chat) => chat.lists);
  const search = useChat((chat) => chat.search);
  const open = useChat((chat) => chat.open?.id);
  const store = app.chat?.own.sections;
  const [choice, setChoice] = useState(() => store?.read() ?? DEFAULT_CHOICE);
  const sections = withRooms(useSections(choice));
  const toggle = (id: Section["id"]): void => {
    const next = toggled(choice, id);
    store?.write(next);
    setChoice(next);
  };
  const isEmpty = others.length === 0 && sections.every(({ rows }) => rows.length === 0);
  const empty = search === "" ? "No rooms here yet." : "No room of this name.";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows go from row to row, each of which is a button
    <div id="room-list" className="room-list" onKeyDown={moveFocus}>
      {sections.map((section) => (
        <SideSection
          key={section.id}
          section={section}
          title={TITLES[section.id]}
          action={section.id === "rooms" && <NewRoom />}
          toggle={search === "" ? () => toggle(section.id) : undefined}
        >
          {section.rows.map((row) => (
            <RoomRow key={row.room.id} {...row} isCurrent={row.room.id === open} />
          ))}
          {section.id === "rooms" && isEmpty && <li className="side-hint">{isLoading ? "Loading…" : empty}</li>}
        </SideSection>
      ))}
      {others.length > 0 && <PublicRooms rooms={others} hasMore={hasMore} open={open} />}
    </div>
  );
}

function NewRoom() {
  const overlays = useOverlays();
  const create = (): void => overlays.openSheet({ kind: "create" });
  return <IconButton id="create-open" icon="plus" label="New room" onClick={create} />;
}

interface PublicRoomsProps {
  readonly rooms: readonly Room[];
  readonly hasMore: boolean;
  readonly open: Room["id"] | undefined;
}

function PublicRooms({ rooms, hasMore, open }: PublicRoomsProps) {
  const { app } = useModel();
  return (
    <SideSection title="Public rooms">
      {rooms.map((room) => (
        <RoomRow key={room.id} room={room} isCurrent={room.id === open} />
      ))}
      {hasMore && (
        <li>
          <button type="button" className="side-row" onClick={() => app.chat?.more()}>
            More rooms
          </button>
        </li>
      )}
    </SideSection>
  );
}

/** The place to make a room is always there. */
function withRooms(sections: readonly Section[]): readonly Section[] {
  if (sections.some(({ id }) => id === "rooms")) return sections;
  const before = sections.filter(({ id }) => id === "starred");
  return [...before, NO_ROOMS, ...sections.slice(before.length)];
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".side-row, .side-fold")];
  const at = rows.indexOf(event.target as HTMLElement);
  const step = STEPS[event.key];
  const next = { Home: rows[0], End: rows.at(-1) }[event.key] ?? (step === undefined ? undefined : rows[at + step]);
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
