import type { Permission, Room } from "@hubbub/protocol";
import type { App } from "../../model/app.ts";
import { mayInRoom } from "../may-in-room.ts";
import type { MenuRow, Overlays } from "../overlay/overlays.ts";
import { preferenceChoices } from "../side/preference-choices.ts";

export interface RoomPlace {
  readonly app: App;
  readonly overlays: Overlays;
  readonly room: Room;
}

/** What the user may do with the room. */
export function roomChoices(place: RoomPlace): MenuRow[] {
  const { app, overlays, room } = place;
  const { chat } = app;
  if (chat === undefined) return [];
  const isDirect = room.visibility === "direct";
  const isArchived = room.settings?.archived === true;
  const may = (permission: Permission): boolean => !isDirect && mayInRoom(room, permission);
  const archive = (): void => {
    chat.do((http) => (isArchived ? http.rooms.unarchive(room.id) : http.rooms.archive(room.id))).catch(reportError);
  };
  const open = (kind: "date" | "members" | "invites" | "settings" | "audit") => () =>
    overlays.openSheet({ kind, room });
  const pins = (): void => chat.conversation(room.id)?.panels.show({ kind: "pins" });
  const run = (work: (place: RoomPlace) => Promise<void>) => () => void work(place).catch(reportError);
  return [
    ...preferenceChoices(place),
    { label: "Members", act: open("members") },
    { label: "Pinned messages", act: pins },
    { label: "Jump to a date", act: open("date") },
    ...(may("reports") ? [{ label: "Reports", act: () => chat.reports.open(room.id) }] : []),
    ...(may("audit") ? [{ label: "What was done", act: open("audit") }] : []),
    ...(may("invite") ? [{ label: "Invite people", act: open("invites") }] : []),
    ...(may("change-room") ? [{ label: "Settings", act: open("settings") }] : []),
    ...(may("own") ? [{ label: isArchived ? "End the archive" : "Archive", act: archive }] : []),
    ...(isDirect ? [] : [{ label: "Leave", act: run(leaveRoom) }]),
    ...(may("own") ? [{ label: "Delete the room", isDanger: true, act: run(deleteRoom) }] : []),
  ];
}

async function deleteRoom({ app, overlays, room }: RoomPlace): Promise<void> {
  const question = `Delete “${room.name}” with all messages for everybody? An operator can bring it back for 7 days.`;
  if (await overlays.ask(question, "Delete")) await app.chat?.delete(room.id);
}

/** A private room does not let its members back in by themselves. */
export async function leaveRoom({ app, overlays, room }: RoomPlace): Promise<void> {
  const { chat } = app;
  if (chat === undefined) return;
  const unsent = chat.words.unsent().filter((one) => one.room === room.id).length;
  const warnings = [
    ...(room.visibility === "private"
      ? ["This room is private: you can come back only when an owner brings you in."]
      : []),
    ...(unsent > 0 ? [`Messages that are not sent yet are discarded: ${unsent}.`] : []),
  ];
  const isSure = warnings.length === 0 || (await overlays.ask(`Leave “${room.name}”? ${warnings.join(" ")}`, "Leave"));
  if (!isSure || (await chat.leave(room.id, false)) === "done") return;
  const closes = `Nobody else is in “${room.name}”: leaving closes it permanently.`;
  if (await overlays.ask(closes, "Leave and close")) await chat.leave(room.id, true);
}
