import type { Preferences, Room } from "@hubbub/protocol";
import type { App } from "../../model/app.ts";
import type { MenuRow } from "../overlay/overlays.ts";

const LEVELS: readonly (readonly [Preferences["level"], string])[] = [
  ["all", "Notify of all messages"],
  ["mentions", "Notify of mentions only"],
  ["nothing", "Muted"],
];

/** Star and notifications of one of the user's rooms. Nothing until they are known. */
export function preferenceChoices({ app, room }: { app: App; room: Room }): MenuRow[] {
  const rooms = app.chat?.own.rooms;
  const status = rooms?.all.get(room.id);
  if (rooms === undefined || status === undefined) return [];
  const prefer = (wish: Partial<Preferences>) => () => void rooms.prefer(room.id, wish).catch(reportError);
  return [
    { label: "Starred", isOn: status.starred, act: prefer({ starred: !status.starred }) },
    ...LEVELS.map(([level, label]) => ({ label, isOn: status.level === level, act: prefer({ level }) })),
  ];
}

/** What the row of a room offers, besides opening it. */
export function rowChoices({ app, room }: { app: App; room: Room }): MenuRow[] {
  const rooms = app.chat?.own.rooms;
  const status = rooms?.all.get(room.id);
  const isUnread = status !== undefined && (status.unread > 0 || status.mentions > 0);
  const read = (): void => rooms?.read(room.id, status?.head ?? 0);
  return [...(isUnread ? [{ label: "Mark as read", act: read }] : []), ...preferenceChoices({ app, room })];
}
