import type { RoomId } from "./ids.ts";
import type { RoomSettings } from "./room-settings.ts";

/** The room of announcements to everybody. Every account reads it without being a member; its row is made by the first one. */
export const ANNOUNCEMENTS_ROOM = "00000000-0000-8000-8000-000000000001" as RoomId;
export const ANNOUNCEMENTS_NAME = "announcements";

/** Nobody has the role: announcements have a call of their own, for admins. */
export const ANNOUNCEMENTS_SETTINGS: RoomSettings = {
  permissions: { post: "owner", react: "owner", invite: "owner" },
};
